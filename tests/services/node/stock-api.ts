import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { Server, ServerCredentials, status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'

import { stock } from './stock-definition.mjs'

interface Item {
  readonly id: string
  readonly item?: string
  readonly at?: string
}

export interface StockApi {
  readonly port: number
  close(): Promise<void>
}

/** An HTTP API that keeps items in memory. */
export async function startStockApi(): Promise<StockApi> {
  const items = new Map<string, Item>()
  const server = createServer((request, response) => {
    const answer = (code: number, value: unknown): void => {
      response.writeHead(code, { 'Content-Type': 'application/json', 'X-Served': String(items.size) })
      response.end(JSON.stringify(value))
    }
    void text(request).then((sent) => {
      const [, , id] = (request.url ?? '').split('/')
      const body = sent === '' ? undefined : (JSON.parse(sent) as Item)
      if (request.url === '/broken') return answer(503, { error: 'out of order' })
      if (request.method === 'POST' && body !== undefined) {
        items.set(body.id, { ...body })
        return answer(201, body)
      }
      if (id === undefined || id === '') return answer(200, [...items.values()])
      const known = items.get(id)
      if (known === undefined) return answer(404, { error: 'no such item' })
      if (body !== undefined) items.set(id, { ...known, ...body })
      return answer(200, items.get(id))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The same as a gRPC service. */
export async function startStockGrpc(): Promise<StockApi> {
  const items = new Map<string, Item>()
  const find = ({ request }: ServerUnaryCall<Item, Item>, done: sendUnaryData<Item>): void => {
    const known = items.get(request.id)
    done(known === undefined ? { code: status.NOT_FOUND, details: `no item ${request.id}` } : null, known)
  }
  const server = new Server()
  server.addService(stock, {
    Store({ request }: ServerUnaryCall<Item, Item>, done: sendUnaryData<Item>) {
      items.set(request.id, { ...items.get(request.id), ...request })
      done(null, items.get(request.id))
    },
    Find: find,
    FindOld: find,
    List(call: { write(item: Item): void; end(): void }) {
      for (const item of items.values()) call.write(item)
      call.end()
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { port, close: async () => server.forceShutdown() }
}
