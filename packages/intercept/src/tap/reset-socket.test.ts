import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { expect, test } from 'vitest'

import { resetSocket } from './reset-socket.ts'

async function pair(): Promise<{ client: Socket; server: Socket; readonly close: () => void }> {
  const listening = createServer({ allowHalfOpen: true })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const accepted = once(listening, 'connection')
  const { port } = listening.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [[server]] = (await Promise.all([accepted, once(client, 'connect')])) as [[Socket], unknown]
  return { client, server, close: () => void listening.close() }
}

test('the other side sees a reset', async () => {
  const { client, server, close } = await pair()
  const error = once(server, 'error')
  server.resume()
  resetSocket(client)
  expect(((await error) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET')
  close()
})

test.each([
  ['at once', (act: () => void) => act()],
  ['in the next tick', (act: () => void) => process.nextTick(act)],
  ['in a later turn', (act: () => void) => setImmediate(act)],
])('a socket that is just being ended is freed when it is reset %s', async (_when, later) => {
  const { client, server, close } = await pair()
  server.on('error', () => {})
  const closed = once(client, 'close')
  client.end()
  later(() => resetSocket(client))
  await closed
  expect(client.destroyed).toBe(true)
  server.destroy()
  close()
})
