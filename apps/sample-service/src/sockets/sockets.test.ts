import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { bearerOf } from '../../test/follow-session.ts'
import { developer, signToken } from '../auth/development-tokens.ts'
import { TokenVerifier } from '../auth/token-verifier.ts'
import { routeUpgrades } from '../http/upgrades.ts'
import { ConnectionLimits } from './connection-limits.ts'
import type { Connection } from './connection.ts'
import { Inbox, type Handle } from './inbox.ts'
import { SocketServer, type SocketServerOptions } from './socket-server.ts'

const within = { timeout: 30_000, interval: 10 }
const secret = new TextEncoder().encode('a secret of at least thirty-two bytes')

/** Sockets behind a real server, whose messages are answered by `handle`. */
async function serve(handle: Handle, options: Partial<SocketServerOptions> = {}, ttlSeconds = 60) {
  const verifier = new TokenVerifier({ key: { secret } })
  const server = new SocketServer({ verifier, protocol: 'test', maxMessageBytes: 1024 * 1024, ...options })
  const connections: Connection[] = []
  const inboxes: Inbox[] = []
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const upgrade = async (...[request, socket, head]: Parameters<Parameters<typeof routeUpgrades>[1][0]['upgrade']>) => {
    server.open({ request, socket, head }, await server.identify(request), (connection) => {
      connections.push(connection)
      inboxes.push(new Inbox(connection, handle))
    })
  }
  routeUpgrades(http, [{ takes: () => true, upgrade }], () => {})
  const { port } = http.address() as AddressInfo
  const headers = bearerOf(await signToken(developer, secret, ttlSeconds))
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers })
  const answers: { text: string }[] = []
  client.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString()) as { text: string }))
  const closed = once(client, 'close') as Promise<[number, Buffer]>
  await once(client, 'open')
  await expect.poll(() => connections.length, within).toBe(1)
  return {
    client,
    answers,
    closed,
    connection: connections[0]!,
    inbox: inboxes[0]!,
    async [Symbol.asyncDispose]() {
      client.terminate()
      await server[Symbol.asyncDispose]()
      http.close()
    },
  }
}

const echo: Handle = async ({ data }) => ({ text: data.toString() })

test('WebSocket, buffer overflow: who sends and does not read has to wait, and gets every answer once it reads', async () => {
  const large = 'x'.repeat(64 * 1024)
  let handled = 0
  await using served = await serve(async ({ data }) => {
    handled += 1
    return { text: data.toString('utf8', 0, 4), large }
  })
  served.client.pause()
  const names = Array.from({ length: 600 }, (_, number) => String(number).padStart(4, '0'))
  for (const name of names) served.client.send(name + 'y'.repeat(16 * 1024))
  // It stands still when the answer to one message cannot leave: what one more look does not change.
  let before = -1
  const standsStill = () => {
    const still = handled === before && served.connection.bufferedBytes > 0
    before = handled
    return still
  }
  await expect.poll(standsStill, { timeout: 30_000, interval: 300 }).toBe(true)
  expect(handled).toBeLessThan(names.length)
  // One answer, and no more.
  expect(served.connection.bufferedBytes).toBeLessThan(2 * large.length)
  served.client.resume()
  await expect.poll(() => served.answers.length, within).toBe(names.length)
  expect(served.answers.map(({ text }) => text)).toEqual(names)
}, 90_000)

test('WebSocket, rapid burst: while one message is worked on, the next ones wait, the client as well', async () => {
  const gate = Promise.withResolvers<void>()
  await using served = await serve(async (message) => {
    await gate.promise
    return echo(message)
  })
  const names = Array.from({ length: 5_000 }, (_, number) => `${number} ${'z'.repeat(4_000)}`)
  for (const name of names) served.client.send(name)
  await expect.poll(() => served.connection.busy, within).toBe(true)
  // 20 MB do not fit into the buffers of the system and the inbox.
  expect(served.client.bufferedAmount).toBeGreaterThan(0)
  gate.resolve()
  await expect.poll(() => served.answers.length, within).toBe(names.length)
  expect(served.answers.map(({ text }) => text)).toEqual(names)
}, 90_000)

test('WebSocket, heartbeat: a client whose message takes long is not taken for dead, though nothing is read from it', async () => {
  const gate = Promise.withResolvers<void>()
  await using served = await serve(
    async (message) => {
      await gate.promise
      return echo(message)
    },
    { heartbeatMs: 100 },
  )
  let pings = 0
  served.client.on('ping', () => (pings += 1))
  for (let sent = 0; sent < 100; sent++) served.client.send('x'.repeat(10_000))
  await expect.poll(() => pings, within).toBeGreaterThan(3)
  gate.resolve()
  await expect.poll(() => served.answers.length, within).toBe(100)
})

test('WebSocket, ping flood: it ends the connection with 1008', async () => {
  await using served = await serve(echo)
  for (let ping = 0; ping < 51; ping++) served.client.ping()
  const [code, reason] = await served.closed
  expect([code, reason.toString()]).toEqual([1008, 'Too many pings'])
})

test('WebSocket, token expiry: a message after it is not handled, and ends the connection at once', async () => {
  let handled = 0
  // The verifier allows clocks to differ by 30 seconds.
  await using served = await serve(
    async (message) => {
      handled += 1
      return echo(message)
    },
    {},
    -29,
  )
  await expect.poll(() => served.connection.identity.expiresAt <= Date.now(), within).toBe(true)
  served.client.send('late')
  const [code, reason] = await served.closed
  expect([code, reason.toString(), handled]).toEqual([4401, 'The token has expired', 0])
})

test('WebSocket: an inbox that is stopped finishes the message at hand and drops the others, also those that come later', async () => {
  const gate = Promise.withResolvers<void>()
  const handled: string[] = []
  await using served = await serve(async (message) => {
    handled.push(message.data.toString())
    await gate.promise
    return echo(message)
  })
  for (const name of ['a', 'b', 'c']) served.client.send(name)
  await expect.poll(() => handled, within).toEqual(['a'])
  const stopped = served.inbox.stop()
  served.client.send('d')
  gate.resolve()
  await stopped
  // When this is known to be there, so was the message before it.
  const ponged = once(served.client, 'pong')
  served.client.ping()
  await ponged
  expect(served.answers).toEqual([{ text: 'a' }])
  expect(handled).toEqual(['a'])
})

test('WebSocket, limits on connections: per process and per user, and nothing is kept of users without any', () => {
  const limits = new ConnectionLimits({ perProcess: 3, perUser: 2 })
  const ada = { tenant: 'clinic', id: 'ada' }
  const releases = [limits.admit(ada), limits.admit(ada)]
  expect(() => limits.admit(ada)).toThrow('A user has at most 2 WebSockets open')
  // The same name in another tenant is somebody else.
  releases.push(limits.admit({ tenant: 'rival', id: 'ada' }))
  expect(() => limits.requireRoom()).toThrow('Too many WebSockets are open here')
  expect(() => limits.admit({ tenant: 'clinic', id: 'zoe' })).toThrow('Too many')
  releases[0]!()
  releases[0]!()
  expect([limits.open, limits.users]).toEqual([2, 2])
  for (const release of releases) release()
  expect([limits.open, limits.users]).toEqual([0, 0])
})
