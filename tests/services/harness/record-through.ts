import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

import type { Protocol, ReadCall } from '@keploy-framework/wire'

/** A relay that reads what goes through it. */
export interface Recording extends AsyncDisposable {
  readonly port: number
  /** Calls in the order in which they ended. */
  readonly calls: readonly ReadCall[]
  readonly gaps: readonly string[]
}

/** Relays plain connections to a server and reads them; for codecs alone, without the recorder around them. */
export async function recordThrough(
  protocol: Protocol,
  target: { readonly host?: string; readonly port: number },
): Promise<Recording> {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  const sockets = new Set<net.Socket>()
  let ids = 0
  let connections = 0
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = net.connect({
      host: target.host ?? '127.0.0.1',
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    })
    const reader = protocol.createReader({ connection: ++connections, nextId: () => ++ids }, (event) => {
      if (event.type === 'call') calls.push(event.call)
      else if (event.type === 'gap') gaps.push(event.reason)
    })
    const link = (from: 'client' | 'server', source: net.Socket, destination: net.Socket): void => {
      sockets.add(source)
      source.on('data', (chunk) => {
        destination.write(chunk)
        reader.push(from, chunk, Date.now())
      })
      source.on('end', () => {
        reader.end(from, Date.now())
        destination.end()
      })
      source.on('error', () => {
        reader.abort(Date.now())
        destination.destroy()
      })
      source.on('close', () => sockets.delete(source))
    }
    link('client', client, upstream)
    link('server', upstream, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    gaps,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
