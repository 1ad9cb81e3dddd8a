// A notebook that lives in Redis, through ioredis: MULTI, pipelines, ids made by the service.
import { randomUUID } from 'node:crypto'

import { Redis } from 'ioredis'

import { serve } from './serve.mjs'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const COUNT = process.env.COUNT_KEY ?? 'notes'

serve(
  {
    'POST /notes': async ({ body }) => {
      const note = { id: randomUUID(), text: body.text, at: new Date().toISOString() }
      await redis.multi().set(`note:${note.id}`, JSON.stringify(note)).incr('notes').exec()
      await redis.pipeline().rpush('order', note.id).expire(`note:${note.id}`, 3600).exec()
      return [201, note]
    },
    'GET /notes': async () => {
      const ids = await redis.lrange('order', 0, -1)
      const notes = ids.length === 0 ? [] : await redis.mget(ids.map((id) => `note:${id}`))
      return [200, notes.map((note) => JSON.parse(note))]
    },
    'GET /notes/:id': async ({ params: { id } }) => {
      const [note, count] = await Promise.all([redis.get(`note:${id}`), redis.get('notes')])
      return note === null ? [404, { error: 'no such note' }] : [200, { ...JSON.parse(note), of: Number(count) }]
    },
    'PUT /notes/:id': async ({ params: { id }, body }) => {
      const note = JSON.parse(await redis.get(`note:${id}`))
      const changed = { ...note, text: body.text, changed: new Date().toISOString() }
      await redis.set(`note:${id}`, JSON.stringify(changed))
      return [200, changed]
    },
    'GET /count': async () => [200, { notes: Number((await redis.get(COUNT)) ?? 0) }],
    'GET /wrong': async () => [200, await redis.incr('order')],
  },
  async () => redis.disconnect(),
)
