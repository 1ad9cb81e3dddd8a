import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, it } from 'vitest'

import { startTap } from './start-tap.ts'

it('lets one request in at a time, in the order in which they came, and streams keep nobody out', async () => {
  let inside = 0
  let most = 0
  const server = createServer((request, response) => {
    if (request.url === '/stream') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n')
      return
    }
    most = Math.max(most, ++inside)
    setTimeout(() => {
      inside--
      response.end(`${request.method} ${request.url}`)
    }, 5)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using tap = await startTap({
    listen: {},
    target: { host: '127.0.0.1', port },
    onEvent: () => undefined,
    serial: true,
  })
  const { port: through } = tap.address as { port: number }
  const url = `http://127.0.0.1:${through}`
  const stream = new AbortController()
  const streamed = await fetch(`${url}/stream`, { signal: stream.signal })
  expect(streamed.status).toBe(200)
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      async (_, index) => await (await fetch(`${url}/${index}`, { method: 'POST', body: 'x'.repeat(100_000) })).text(),
    ),
  )
  expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => `POST /${index}`))
  expect(most).toBe(1)
  stream.abort()
  server.closeAllConnections()
  server.close()
})
