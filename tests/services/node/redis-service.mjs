// A notebook that lives in Redis: node-redis-free, one driver (ioredis), ids made by the service.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')

async function handle(request, body) {
  const path = new URL(request.url, 'http://localhost').pathname
  if (request.method === 'POST' && path === '/notes') {
    const note = { id: randomUUID(), text: JSON.parse(body).text, at: new Date().toISOString() }
    await redis.multi().set(`note:${note.id}`, JSON.stringify(note)).incr('notes').exec()
    return [201, note]
  }
  const id = /^\/notes\/([\w-]+)$/.exec(path)?.[1]
  if (id !== undefined) {
    const [note, count] = await Promise.all([redis.get(`note:${id}`), redis.get('notes')])
    return note === null ? [404, { error: 'no such note' }] : [200, { ...JSON.parse(note), of: Number(count) }]
  }
  if (path === '/count') return [200, { notes: Number((await redis.get(process.env.COUNT_KEY ?? 'notes')) ?? 0) }]
  return [404, { error: 'nothing here' }]
}

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    handle(request, body).then(
      ([status, value]) => {
        response.writeHead(status, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify(value))
      },
      (error) => {
        response.writeHead(500, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ error: error.message }))
      },
    )
  })
})
server.listen(Number(process.env.PORT ?? 8000), '127.0.0.1')
