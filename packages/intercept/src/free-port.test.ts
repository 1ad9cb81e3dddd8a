import { once } from 'node:events'
import { createServer } from 'node:net'

import { expect, it } from 'vitest'

import { freePort } from './free-port.ts'

it('is a port that can be listened on, and that no outgoing connection is given', async () => {
  const port = await freePort()
  expect(port).toBeGreaterThanOrEqual(18_000)
  expect(port).toBeLessThan(30_000)
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

it('fails in the words of the system where nothing can listen', async () => {
  await expect(freePort('192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL')
})
