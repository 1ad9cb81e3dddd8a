// A shop that asks an HTTP API of its own choice: with fetch, and with a pool of undici.
import { randomUUID } from 'node:crypto'

import { Pool } from 'undici'

import { serve } from './serve.mjs'

const base = process.env.STOCK_API
const pool = new Pool(new URL(base).origin, { connections: 4 })
const LIST_PATH = process.env.LIST_PATH ?? '/items'

async function api(path, method = 'GET', body) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', 'X-Request-Id': randomUUID() },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return [response.status, await response.json()]
}

serve(
  {
    'POST /orders': async ({ body }) => {
      const order = { id: randomUUID(), item: body.item, at: new Date().toISOString() }
      const [, stored] = await api('/items', 'POST', order)
      return [201, stored]
    },
    'GET /orders': async () => {
      const { statusCode, body } = await pool.request({ path: LIST_PATH, method: 'GET' })
      return [statusCode, await body.json()]
    },
    'GET /orders/:id': async ({ params: { id } }) => await api(`/items/${id}`),
    'PUT /orders/:id': async ({ params: { id }, body }) => await api(`/items/${id}`, 'PUT', body),
    'GET /wrong': async () => await api('/broken'),
  },
  () => pool.close(),
)
