import http from 'node:http'

import { ready } from './ready.ts'

// A small service: a JSON body in, a JSON body out.
const answer = JSON.stringify({
  id: 'b8f2c6de-0000-4000-8000-3f0f5f9c1a11',
  name: 'Ada',
  tags: ['a', 'b'],
  total: 12.5,
})
const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    response.end(answer)
  })
})
ready(server)
