import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { page } from './page.ts'

/** The service under test: a page of twenty items as JSON, no state. Tells its port to its parent. */
const server = createServer((request, response) => {
  const id = request.url?.slice(request.url.lastIndexOf('/') + 1) ?? ''
  const body = JSON.stringify(page(id))
  request.resume()
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
})
let first = 0
server.once('request', () => {
  first = Date.now()
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', () => process.send?.({ first }))
process.on('disconnect', () => process.exit(0))
