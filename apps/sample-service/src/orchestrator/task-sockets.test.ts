import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

import { expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { bearerOf } from '../../test/follow-session.ts'
import { developer, signToken } from '../auth/development-tokens.ts'
import { TokenVerifier } from '../auth/token-verifier.ts'
import { MemoryEventBus } from '../bus/memory-event-bus.ts'
import { topics } from '../events/topics.ts'
import { routeUpgrades } from '../http/upgrades.ts'
import { ConnectionLimits } from '../sockets/connection-limits.ts'
import { parseChannel } from './channel.ts'
import { RecentlySeen } from './recently-seen.ts'
import { TaskSockets, type TaskSocketsOptions } from './task-sockets.ts'

const within = { timeout: 30_000, interval: 10 }
const secret = new TextEncoder().encode('a secret of at least thirty-two bytes')

/** The sockets alone, behind a real server. */
async function serve(options: Partial<TaskSocketsOptions> = {}) {
  const sockets = new TaskSockets({ verifier: new TokenVerifier({ key: { secret } }), ...options })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  routeUpgrades(server, [sockets], () => {})
  const { port } = server.address() as AddressInfo
  const headers = bearerOf(await signToken(developer, secret, 60))
  return {
    sockets,
    port,
    headers,
    open: (path = '/ws?channel=global') => new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers }),
    async [Symbol.asyncDispose]() {
      await sockets[Symbol.asyncDispose]()
      server.close()
    },
  }
}

const eventOf = (task_id: string, error = '') => ({
  owner: developer,
  event: { type: 'task_failed' as const, task_id, project_id: null, at: '2026-01-02T03:04:05.678Z', error },
})

test('a client that does not read is disconnected when too much waits for it, and others are not', async () => {
  await using server = await serve({ maxBufferedBytes: 100_000 })
  const slow = server.open()
  const quick = server.open()
  let received = 0
  quick.on('message', () => (received += 1))
  await Promise.all([once(slow, 'open'), once(quick, 'open')])
  const closed = once(slow, 'close') as Promise<[number, Buffer]>
  slow.pause()
  // More than the buffers of the system hold; each round waits until the quick one has it.
  const text = 'x'.repeat(50_000)
  for (let round = 1; round <= 20; round++) {
    for (let number = 0; number < 20; number++) server.sockets.send(eventOf(`t${number}`, text))
    await expect.poll(() => received, within).toBe(round * 20)
  }
  slow.resume()
  const [code, reason] = await closed
  expect([code, reason.toString()]).toEqual([1013, 'Too slow'])
  expect(quick.readyState).toBe(WebSocket.OPEN)
}, 60_000)

test('an event that the bus repeats is sent once', async () => {
  await using bus = new MemoryEventBus()
  await using server = await serve()
  await server.sockets.follow(bus)
  const client = server.open()
  const received: string[] = []
  client.on('message', (data: Buffer) => received.push((JSON.parse(data.toString()) as { task_id: string }).task_id))
  await once(client, 'open')
  for (const id of ['a', 'a', 'b', 'a']) await bus.publish(topics.taskEvents, [{ key: 'k', value: eventOf(id) }])
  await bus.publish(topics.taskEvents, [{ key: 'k', value: eventOf('last') }])
  await expect.poll(() => received, within).toEqual(['a', 'b', 'last'])
})

test('what came long ago is forgotten', () => {
  const seen = new RecentlySeen(2)
  expect(['a', 'b', 'a', 'c', 'b', 'a'].map((key) => seen.isNew(key))).toEqual([true, true, false, true, false, true])
})

test('a client that does not answer the heartbeat is given up; one that does stays', async () => {
  await using server = await serve({ heartbeatMs: 400 })
  const alive = server.open()
  let pings = 0
  alive.on('ping', () => (pings += 1))
  await once(alive, 'open')
  // A client that knows the handshake and nothing else.
  const dead = connect(server.port, '127.0.0.1')
  dead.write(
    [
      'GET /ws HTTP/1.1',
      'host: x',
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      `authorization: ${server.headers.authorization}`,
      '\r\n',
    ].join('\r\n'),
  )
  const ended = once(dead, 'close')
  dead.on('error', () => {}).resume()
  await ended
  await expect.poll(() => pings, within).toBeGreaterThan(1)
  expect(alive.readyState).toBe(WebSocket.OPEN)
}, 60_000)

test('more clients than there may be are refused, and malformed frames end a connection with their code', async () => {
  await using server = await serve({ limits: new ConnectionLimits({ perProcess: 1 }) })
  const first = server.open()
  await once(first, 'open')
  const second = server.open()
  const error = await new Promise<Error>((resolve) => second.once('error', resolve))
  expect(error.message).toContain('503')
  first.send('x'.repeat(2_000))
  const [code] = (await once(first, 'close')) as [number]
  expect(code).toBe(1009)
})

test('when the server stops, clients are told', async () => {
  const server = await serve()
  const client = server.open()
  await once(client, 'open')
  const closed = once(client, 'close') as Promise<[number]>
  await server[Symbol.asyncDispose]()
  expect((await closed)[0]).toBe(1001)
})

test('a browser shows its token as a subprotocol, and is never answered with it', async () => {
  await using server = await serve()
  const token = await signToken(developer, secret, 60)
  const client = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, ['tasks', `bearer.${token}`])
  await once(client, 'open')
  expect(client.protocol).toBe('tasks')
})

test.each([
  ['/ws', { project_id: undefined }],
  ['/ws?channel=global', { project_id: undefined }],
  ['/ws?channel=project:p1', { project_id: 'p1' }],
  ['/ws?channel=project%3Ap1', { project_id: 'p1' }],
  ['/ws?channel=', undefined],
  ['/ws?channel=project:', undefined],
  ['/ws?channel=project:a/b', undefined],
  ['/ws?channel=GLOBAL', undefined],
])('the channel of %s is %j', (target, channel) => {
  expect(parseChannel(target)).toEqual(channel)
})
