// A shop that asks a gRPC service: unary calls, a stream of the server, an error with a status.
import { randomUUID } from 'node:crypto'

import grpc from '@grpc/grpc-js'

import { serve } from './serve.mjs'
import { stock } from './stock-definition.mjs'

const Stock = grpc.makeGenericClientConstructor(stock, 'Stock')
const client = new Stock(process.env.STOCK_GRPC, grpc.credentials.createInsecure())
const FIND = process.env.FIND_METHOD ?? 'Find'

function unary(method, request) {
  return new Promise((resolve) => {
    client[method](request, (error, answer) => {
      resolve(error ? [error.code === grpc.status.NOT_FOUND ? 404 : 502, { error: error.details }] : [200, answer])
    })
  })
}

serve(
  {
    'POST /orders': async ({ body }) => {
      const [, stored] = await unary('Store', { id: randomUUID(), item: body.item, at: new Date().toISOString() })
      return [201, stored]
    },
    'GET /orders': async () => [200, await Array.fromAsync(client.List({}))],
    'GET /orders/:id': async ({ params: { id } }) => await unary(FIND, { id }),
    'PUT /orders/:id': async ({ params: { id }, body }) => await unary('Store', { id, item: body.item }),
    'GET /wrong': async () => await unary('Find', { id: 'none' }),
  },
  async () => client.close(),
)
