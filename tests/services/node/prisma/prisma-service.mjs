// Orders in Postgres through Prisma and its adapter for pg: SQL that its compiler writes, a transaction, upserts.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import path from 'node:path'

import { serve } from '../serve.mjs'

/** Where prepare.sh has put Prisma and the generated client. */
const folder = process.env.PRISMA_FOLDER
const { PrismaPg } = createRequire(path.join(folder, 'package.json'))('@prisma/adapter-pg')
const { PrismaClient } = await import(path.join(folder, 'client/client.ts'))

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 4 }) })
await prisma.$executeRaw`create table if not exists orders
  (id uuid primary key, item text not null unique, paid boolean not null default false, at timestamptz(6) not null)`
const LIST_BY = process.env.LIST_BY ?? 'item'

serve(
  {
    'POST /orders': async ({ body }) => {
      const data = { id: randomUUID(), item: body.item, at: new Date() }
      const order = await prisma.$transaction(async (transaction) => {
        await transaction.order.count()
        return await transaction.order.create({ data })
      })
      return [201, order]
    },
    'GET /orders': async () => [200, await prisma.order.findMany({ orderBy: { [LIST_BY]: 'asc' } })],
    'GET /orders/:id': async ({ params: { id } }) => {
      const order = await prisma.order.findUnique({ where: { id } })
      return order === null ? [404, { error: 'no such order' }] : [200, order]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => [
      200,
      await prisma.order.update({ where: { id }, data: { paid: body.paid } }),
    ],
    'GET /wrong': async () => [200, await prisma.$queryRaw`select nothing from nowhere`],
  },
  () => prisma.$disconnect(),
)
