import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { createHttpApp } from './create-http-app.ts'

test('a client that has connected and said nothing does not hold up the end, and one that was answered neither', async () => {
  const app = await createHttpApp({ title: 't', version: '1', description: 'd' })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const accepted = once(app.server, 'connection')
  const silent = connect(port, '127.0.0.1')
  await accepted
  expect((await fetch(`http://127.0.0.1:${port}/openapi.json`)).status).toBe(200)
  const ended = once(silent, 'close')
  silent.resume()
  await app.close()
  await ended
}, 30_000)
