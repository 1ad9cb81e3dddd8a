// Orders in Postgres through pg: a pool, a transaction, ids of the service and of the database.
import { randomUUID } from 'node:crypto'

import pg from 'pg'

import { serve } from './serve.mjs'

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 4,
  enableChannelBinding: process.env.BIND_CHANNEL !== undefined,
})
pool.on('error', () => {})
await pool.query(`create table if not exists orders
  (id uuid primary key, number serial, item text unique, amount numeric(8,2), at timestamptz, paid boolean default false)`)
const LIST = process.env.LIST_SQL ?? 'select * from orders order by number'

async function inTransaction(work) {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

serve(
  {
    'POST /orders': async ({ body }) => {
      const values = [randomUUID(), body.item, body.amount, new Date()]
      const { rows } = await inTransaction(async (client) => {
        await client.query('select count(*)::int as before from orders')
        return await client.query(
          'insert into orders (id, item, amount, at) values ($1, $2, $3, $4) returning *',
          values,
        )
      })
      return [201, rows[0]]
    },
    'GET /orders': async () => [200, (await pool.query(LIST)).rows],
    'GET /orders/:id': async ({ params: { id } }) => {
      const { rows } = await pool.query({ name: 'one', text: 'select * from orders where id = $1', values: [id] })
      return rows.length === 0 ? [404, { error: 'no such order' }] : [200, rows[0]]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => {
      const { rowCount } = await pool.query('update orders set paid = $2, amount = $3 where id = $1', [
        id,
        body.paid,
        body.amount,
      ])
      return [200, { changed: rowCount }]
    },
    'GET /wrong': async () => [200, await pool.query('select nothing from nowhere')],
  },
  () => pool.end(),
)
