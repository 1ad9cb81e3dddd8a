// The same notebook through node-redis: one connection, commands pipelined by the driver, hashes, RESP2 or RESP3.
import { randomUUID } from 'node:crypto'

import { createClient } from 'redis'

import { serve } from './serve.mjs'

const redis = createClient({ url: process.env.REDIS_URL, RESP: Number(process.env.RESP ?? 2) })
redis.on('error', () => {})
await redis.connect()
const COUNT = process.env.COUNT_KEY ?? 'notes'

serve(
  {
    'POST /notes': async ({ body }) => {
      const note = { id: randomUUID(), text: body.text, at: new Date().toISOString() }
      await redis.multi().hSet(`note:${note.id}`, note).incr('notes').exec()
      await redis.zAdd('order', { score: Date.now(), value: note.id })
      return [201, note]
    },
    'GET /notes': async () => {
      const ids = await redis.zRange('order', 0, -1)
      return [200, await Promise.all(ids.map((id) => redis.hGetAll(`note:${id}`)))]
    },
    'GET /notes/:id': async ({ params: { id } }) => {
      const note = await redis.hGetAll(`note:${id}`)
      return note.id === undefined ? [404, { error: 'no such note' }] : [200, note]
    },
    'PUT /notes/:id': async ({ params: { id }, body }) => {
      await redis.hSet(`note:${id}`, { text: body.text, changed: new Date().toISOString() })
      return [200, await redis.hGetAll(`note:${id}`)]
    },
    'GET /count': async () => [200, { notes: Number((await redis.get(COUNT)) ?? 0) }],
    'GET /wrong': async () => [200, await redis.incr('order')],
  },
  async () => redis.destroy(),
)
