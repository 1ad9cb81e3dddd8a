// Orders in Postgres through Drizzle on pg: SQL that nobody wrote by hand, relations, a transaction.
import { randomUUID } from 'node:crypto'

import { asc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { boolean, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import pg from 'pg'

import { serve } from './serve.mjs'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
pool.on('error', () => {})
const db = drizzle({ client: pool })
const orders = pgTable('orders', {
  id: uuid().primaryKey(),
  item: text().notNull().unique(),
  paid: boolean().notNull().default(false),
  at: timestamp({ withTimezone: true }).notNull(),
})
await db.execute(sql`create table if not exists orders
  (id uuid primary key, item text not null unique, paid boolean not null default false, at timestamptz not null)`)
const LIST_BY = process.env.LIST_BY ?? 'item'

serve(
  {
    'POST /orders': async ({ body }) => {
      const order = { id: randomUUID(), item: body.item, at: new Date() }
      const [row] = await db.transaction(async (transaction) => {
        await transaction.$count(orders)
        return await transaction.insert(orders).values(order).returning()
      })
      return [201, row]
    },
    'GET /orders': async () => [200, await db.select().from(orders).orderBy(asc(orders[LIST_BY]))],
    'GET /orders/:id': async ({ params: { id } }) => {
      const [row] = await db.select().from(orders).where(eq(orders.id, id))
      return row === undefined ? [404, { error: 'no such order' }] : [200, row]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => {
      const [row] = await db.update(orders).set({ paid: body.paid }).where(eq(orders.id, id)).returning()
      return [200, row]
    },
    'GET /wrong': async () => [200, await db.execute(sql`select nothing from nowhere`)],
  },
  () => pool.end(),
)
