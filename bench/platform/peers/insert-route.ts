import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'

/** The least that a service can do with a message: one route, which checks nothing and inserts one row. */
const require = createRequire(new URL('../../../apps/sample-service/package.json', import.meta.url))
const { fastify } = require('fastify') as {
  fastify: () => {
    post(path: string, handler: (request: { body: object }, reply: Reply) => Promise<unknown>): void
    listen(where: object): Promise<string>
  }
}
interface Reply {
  code(status: number): { send(body: object): unknown }
}
const { Pool } = require('pg') as {
  Pool: new (options: object) => { query(text: string, values?: unknown[]): Promise<unknown> }
}

const pool = new Pool({ connectionString: process.env['POSTGRES_DSN'], max: 10 })
await pool.query('create table if not exists messages (id text primary key, body json not null)')
const app = fastify()
app.post('/v1/session/message', async ({ body }, reply) => {
  const event_id = randomUUID()
  await pool.query('insert into messages (id, body) values ($1, $2)', [event_id, JSON.stringify(body)])
  return reply.code(202).send({ event_id })
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port: Number(new URL(url).port) })
