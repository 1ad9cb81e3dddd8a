import http from 'node:http'

import { ready } from '../tap/peers/ready.ts'
import { IDS } from './ids.ts'

// The least that answers recorded requests: a server of Node and a Map.
const answers = new Map(
  Array.from({ length: IDS }, (_, index) => [
    `GET /items/${index + 1}`,
    JSON.stringify({ id: index + 1, name: `name ${index + 1}`, tags: ['a', 'b'], total: 12.5 }),
  ]),
)
ready(
  http.createServer((request, response) => {
    const answer = answers.get(`${request.method} ${request.url}`)
    if (answer === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
  }),
)
