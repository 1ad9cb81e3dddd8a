// Orders in Postgres through postgres.js: prepared statements that the driver names, a transaction, arrays and JSON.
import { randomUUID } from 'node:crypto'

import postgres from 'postgres'

import { serve } from './serve.mjs'

const sql = postgres(process.env.DATABASE_URL, { max: 3, onnotice: () => {} })
await sql`create table if not exists orders
  (id uuid primary key, number serial, item text unique, tags text[], extra jsonb, at timestamptz)`
const LIST = process.env.LIST_SQL ?? 'select * from orders order by number'

serve(
  {
    'POST /orders': async ({ body }) => {
      const order = { id: randomUUID(), item: body.item, tags: body.tags, extra: sql.json(body.extra), at: new Date() }
      const [row] = await sql.begin(async (transaction) => {
        await transaction`select count(*)::int as before from orders`
        return await transaction`insert into orders ${transaction(order)} returning *`
      })
      return [201, row]
    },
    'GET /orders': async () => [200, await sql.unsafe(LIST)],
    'GET /orders/:id': async ({ params: { id } }) => {
      const [row] = await sql`select * from orders where id = ${id}`
      return row === undefined ? [404, { error: 'no such order' }] : [200, row]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => {
      const rows = await sql`update orders set item = ${body.item}, at = ${new Date()} where id = ${id} returning *`
      return [200, rows[0]]
    },
    'GET /wrong': async () => [200, await sql`select nothing from nowhere`],
  },
  () => sql.end({ timeout: 1 }),
)
