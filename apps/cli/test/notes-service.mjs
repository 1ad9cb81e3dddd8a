// The service that the tests of the commands record and replay: notes with generated ids, and one value that is noise.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

const notes = new Map()

createServer((request, response) => {
  const json = (status, body, headers) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
  if (request.url === '/lucky')
    return json(200, { lucky: Math.floor(Math.random() * 1e9), kind: process.env.KIND ?? 'old' })
  if (request.method === 'POST') {
    const id = randomUUID()
    notes.set(id, { id, text: 'hello' })
    return json(201, notes.get(id), { location: `/notes/${id}` })
  }
  const note = notes.get(request.url.slice('/notes/'.length))
  return note ? json(200, note) : json(404, { error: 'not found' })
}).listen(Number(process.env.PORT), '127.0.0.1')
