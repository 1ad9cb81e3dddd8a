import type { Writable } from 'node:stream'

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { bearerOf, tokenOf } from '../../test/follow-session.ts'
import { openStream, shakeHands, type Handshake } from '../../test/stream-client.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'

vi.setConfig({ testTimeout: 60_000 })
const within = { timeout: 30_000, interval: 10 }
const LIMIT = 2 * 1024 * 1024
let platform: Platform
let url: string
let zoe: string

beforeAll(async () => {
  const sockets = { perProcess: 60, perUser: 4, maxMessageBytes: LIMIT }
  platform = await startPlatform({ settings: { ...defaultSettings(), port: 0, logLevel: 'silent', sockets } })
  url = platform.url!
  zoe = await tokenOf(url, { id: 'zoe', tenant: 'clinic' })
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

const open = (session: string, query?: string, token = zoe) => openStream(url, token, session, query)
const said = async (session: string) => {
  const response = await fetch(`${url}/v1/session/${session}/events?limit=100`, { headers: bearerOf(zoe) })
  const { events } = (await response.json()) as { events: { event_id: string; role: string; message: string }[] }
  return events.filter(({ role }) => role === 'user').toReversed()
}

describe('WebSocket, messages of clients', () => {
  test('a message is acknowledged once it is stored, with its event and the id that the client gave it, and is answered', async () => {
    await using client = await open('talk')
    client.send({ type: 'message', id: 'm1', message: 'Hello Zoë 🎲', metadata: { from: 'socket' } })
    const ack = await client.waitFor({ type: 'ack', id: 'm1' })
    expect(ack).toEqual({ type: 'ack', id: 'm1', session_id: 'talk', event_id: ack.event_id, duplicate: false })
    expect(await said('talk')).toMatchObject([
      { event_id: ack.event_id, message: 'Hello Zoë 🎲', metadata: { from: 'socket' } },
    ])
    await expect
      .poll(() => client.frames.flatMap(({ event }) => event?.role ?? []), within)
      .toEqual(['user', 'assistant'])
  })

  test('a message that is repeated with its id is stored once, also on another connection', async () => {
    await using first = await open('repeat')
    const message = { type: 'message', id: 'm1', message: 'once' }
    for (let time = 0; time < 3; time++) first.send(message)
    const { event_id } = await first.waitFor({ type: 'ack', duplicate: true })
    first.socket.terminate()
    await using second = await open('repeat')
    second.send(message)
    expect(await second.waitFor({ type: 'ack' })).toMatchObject({ event_id, duplicate: true })
    expect(await said('repeat')).toMatchObject([{ event_id }])
    // The same id for something else is a mistake; in another session it is another id.
    second.send({ ...message, message: 'something else' })
    expect(await second.waitFor({ type: 'error', id: 'm1' })).toMatchObject({ error_code: 'VALIDATION_ERROR' })
    await using other = await open('repeat-elsewhere')
    other.send(message)
    expect(await other.waitFor({ type: 'ack' })).toMatchObject({ duplicate: false })
  })

  test('a rapid burst is kept whole and in order, with an answer to each message in the order of the messages', async () => {
    await using client = await open('burst')
    const ids = Array.from({ length: 40 }, (_, number) => `m${number}`)
    for (const id of ids) client.send({ type: 'message', id, message: id })
    await client.waitFor({ type: 'ack', id: 'm39' })
    expect(client.frames.flatMap(({ type, id }) => (type === 'ack' ? id : []))).toEqual(ids)
    const store = await platform.parts.get('store')
    const events = await store.eventsAfter('burst', 0, 1_000)
    expect(events.flatMap(({ event }) => ('role' in event && event.role === 'user' ? event.message : []))).toEqual(ids)
  })

  test('every window of a session gets every event, in one order', async () => {
    const windows = await Promise.all([open('windows'), open('windows'), open('windows')])
    const ids = Array.from({ length: 10 }, (_, number) => `m${number}`)
    for (const id of ids) windows[0].send({ type: 'message', id, message: id })
    const eventsOf = ({ frames }: (typeof windows)[0]) => frames.flatMap(({ event }) => event?.event_id ?? [])
    await expect.poll(() => windows.map((window) => eventsOf(window).length), within).toEqual([20, 20, 20])
    expect(eventsOf(windows[1])).toEqual(eventsOf(windows[0]))
    expect(eventsOf(windows[2])).toEqual(eventsOf(windows[0]))
    for (const { socket } of windows) socket.terminate()
  })

  test('what is said while the client leaves is stored all the same', async () => {
    await using client = await open('leaving')
    for (const id of ['a', 'b', 'c']) client.send({ type: 'message', id, message: id })
    client.socket.close()
    await client.closed
    await expect
      .poll(async () => (await said('leaving')).map(({ message }) => message), within)
      .toEqual(['a', 'b', 'c'])
  })

  test('a binary message is read like a text, when it is UTF-8', async () => {
    await using client = await open('binary')
    client.socket.send(Buffer.from(JSON.stringify({ type: 'message', id: 'b', message: 'Zoë 山田' })), { binary: true })
    await client.waitFor({ type: 'ack', id: 'b' })
    expect(await said('binary')).toMatchObject([{ message: 'Zoë 山田' }])
    client.socket.send(Buffer.from([0x7b, 0xff, 0xfe]), { binary: true })
    expect(await client.waitFor({ type: 'error' })).toMatchObject({ error_code: 'INVALID_UTF8', id: null })
  })

  test('pings of applications are answered, with their id', async () => {
    await using client = await open('ping')
    client.send({ type: 'ping', id: 'p' })
    expect(await client.waitFor({ type: 'pong' })).toEqual({ type: 'pong', id: 'p' })
  })
})

describe('WebSocket, protocol errors', () => {
  test('what is no message is an error with a code, and the stream goes on', async () => {
    await using client = await open('mistakes')
    const mistakes = ['{"type":', '[1]', '{"type":"dance","id":"x"}', '{"type":"message","id":"x"}']
    for (const text of mistakes) client.socket.send(text)
    client.send({ type: 'ping' })
    await client.waitFor({ type: 'pong' })
    expect(client.frames.slice(0, -1)).toMatchObject([
      { type: 'error', id: null, error_code: 'INVALID_JSON' },
      { type: 'error', id: null, error_code: 'UNKNOWN_TYPE' },
      { type: 'error', id: 'x', error_code: 'UNKNOWN_TYPE' },
      { type: 'error', id: 'x', error_code: 'VALIDATION_ERROR' },
    ])
  })

  test('a message of more than 1 MB is taken apart as far as the limit; what no broker takes is refused by an error', async () => {
    await using client = await open('large')
    const attachments = (bytes: number) => ({
      type: 'message',
      id: `m${bytes}`,
      message: 'x',
      attachments: ['a'.repeat(bytes)],
    })
    client.send(attachments(900_000))
    await client.waitFor({ type: 'ack', id: 'm900000' })
    client.send(attachments(1_500_000))
    expect(await client.waitFor({ type: 'error' })).toMatchObject({ id: 'm1500000', error_code: 'TOO_LARGE' })
    client.send({ type: 'ping' })
    await client.waitFor({ type: 'pong' })
    expect(await said('large')).toHaveLength(1)
  })

  test('a message beyond the limit ends the stream with 1009', async () => {
    await using client = await open('too-large')
    client.send({ type: 'message', id: 'm', message: 'x', attachments: ['a'.repeat(LIMIT)] })
    expect((await client.closed)[0]).toBe(1009)
    expect(await said('too-large')).toEqual([])
  })

  test('a text that is not UTF-8 ends the stream with 1007, and a frame that is none with 1002', async () => {
    await using client = await open('utf-8')
    client.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false })
    expect((await client.closed)[0]).toBe(1007)

    await using other = await open('frames')
    const { _socket: below } = other.socket as unknown as { _socket: Writable }
    // Bits that mean nothing.
    below.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0]))
    expect((await other.closed)[0]).toBe(1002)
  })
})

describe('WebSocket, upgrades', () => {
  const handshake = (lines: Handshake, start = 'GET /v1/session/up/stream HTTP/1.1') =>
    shakeHands(url, start, { authorization: `Bearer ${zoe}`, ...lines })

  test.each([
    ['a good one', {}, undefined, '101'],
    ['no key', { 'sec-websocket-key': undefined }, undefined, '400'],
    ['a key that is none', { 'sec-websocket-key': 'short' }, undefined, '400'],
    ['an unknown version', { 'sec-websocket-version': '99' }, undefined, '400'],
    ['no version', { 'sec-websocket-version': undefined }, undefined, '400'],
    ['another method', {}, 'POST /v1/session/up/stream HTTP/1.1', '405'],
    ['another protocol, which is passed over,', { upgrade: 'h2c' }, 'GET /health HTTP/1.1', '200'],
    ['no upgrade', { upgrade: undefined, connection: undefined }, undefined, '404'],
    ['subprotocols that are none', { 'sec-websocket-protocol': 'a,,b' }, undefined, '400'],
    ['no token', { authorization: undefined }, undefined, '401'],
    ['a path that is none', {}, 'GET /v1/nothing HTTP/1.1', '404'],
    ['an id that is none', {}, 'GET /v1/session/a%20b/stream HTTP/1.1', '422'],
    ['an empty id', {}, 'GET /v1/session//stream HTTP/1.1', '422'],
    ['an id that is too long', {}, `GET /v1/session/${'x'.repeat(101)}/stream HTTP/1.1`, '422'],
    ['an id that cannot be decoded', {}, 'GET /v1/session/%ff/stream HTTP/1.1', '422'],
    ['an id with a path', {}, 'GET /v1/session/..%2f..%2fetc/stream HTTP/1.1', '422'],
    ['an encoded id', {}, 'GET /v1/session/a%3Ab/stream HTTP/1.1', '101'],
    ['an event that is not there', {}, 'GET /v1/session/up/stream?last_event_id=no HTTP/1.1', '404'],
  ])('%s is answered with its status', async (_name, lines, start, status) => {
    expect(await handshake(lines, start)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    // Nobody was hurt.
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  test('a user has so many connections and no more (429), others are not concerned, and one that ends makes room', async () => {
    const token = await tokenOf(url, { id: 'many', tenant: 'clinic' })
    const limits = await platform.parts.get('connectionLimits')
    const before = limits.open
    const clients = await Promise.all([1, 2, 3, 4].map((number) => open(`many-${number}`, '', token)))
    expect(clients.map(({ status }) => status)).toEqual([101, 101, 101, 101])
    expect((await open('many-5', '', token)).status).toBe(429)
    // Tasks and sessions count together.
    const tasks = await shakeHands(url, 'GET /ws HTTP/1.1', { authorization: `Bearer ${token}` })
    expect(tasks).toContain('429')
    await using other = await open('not-many')
    expect(other.status).toBe(101)
    clients[0]!.socket.terminate()
    await expect.poll(async () => (await open('many-5', '', token)).status, within).toBe(101)
    for (const { socket } of clients) socket.terminate()
    other.socket.terminate()
    await expect.poll(() => limits.open, within).toBeLessThanOrEqual(before + 1)
  })

  test('a handshake that fails takes no place', async () => {
    const token = await tokenOf(url, { id: 'clumsy', tenant: 'clinic' })
    const headers = { authorization: `Bearer ${token}`, 'sec-websocket-version': '99' }
    const start = 'GET /v1/session/clumsy/stream HTTP/1.1'
    for (let time = 0; time < 10; time++) expect(await handshake(headers, start)).toContain('400')
    await using client = await open('clumsy', '', token)
    expect(client.status).toBe(101)
  })
})

describe('UI state', () => {
  test('updates are acknowledged with their time; who comes back or opens another window finds the state again', async () => {
    await using first = await open('ui')
    first.send({ type: 'ui_state', id: 'u1', mode: 'full', state: { page_type: 'clients', selectedTemplate: 't1' } })
    first.send({ type: 'ui_state', id: 'u2', mode: 'update', state: { page_type: 'sessions', loadedSessions: ['s1'] } })
    const ack = await first.waitFor({ type: 'ui_state_ack', id: 'u2' })
    expect(ack).toMatchObject({ timestamp: expect.any(Number), stale: [] })
    await using second = await open('ui')
    const { state, timestamps } = await second.waitFor({ type: 'ui_state' })
    expect(state).toEqual({ page_type: 'sessions', selectedTemplate: 't1', loadedSessions: ['s1'] })
    expect(timestamps).toMatchObject({ page_type: ack['timestamp'] })
  })

  test('an update that is late says which of its fields a newer one had set', async () => {
    await using client = await open('ui-late')
    const sent_at = 1_000_000
    client.send({ type: 'ui_state', mode: 'update', state: { page_type: 'clients' }, timestamp: sent_at - 10, sent_at })
    client.send({
      type: 'ui_state',
      id: 'late',
      mode: 'update',
      state: { page_type: 'documents', a: 1 },
      timestamp: sent_at - 20,
      sent_at,
    })
    expect(await client.waitFor({ type: 'ui_state_ack', id: 'late' })).toMatchObject({ stale: ['page_type'] })
  })

  test('a state that would be too large is refused, and the one that there was stays', async () => {
    await using client = await open('ui-large')
    client.send({ type: 'ui_state', mode: 'update', state: { a: 1 } })
    client.send({ type: 'ui_state', id: 'bytes', mode: 'update', state: { b: 'x'.repeat(300_000) } })
    const fields = Object.fromEntries(Array.from({ length: 201 }, (_, number) => [`f${number}`, 1]))
    client.send({ type: 'ui_state', id: 'fields', mode: 'update', state: fields })
    for (const id of ['bytes', 'fields']) {
      expect(await client.waitFor({ type: 'error', id })).toMatchObject({ error_code: 'TOO_LARGE' })
    }
    await using again = await open('ui-large')
    expect(await again.waitFor({ type: 'ui_state' })).toMatchObject({ state: { a: 1 } })
  })

  test('nobody else sees it: not another session of the user, and not another user', async () => {
    await using mine = await open('ui-mine')
    mine.send({ type: 'ui_state', id: 'u', mode: 'full', state: { secret: 'of zoe' } })
    await mine.waitFor({ type: 'ui_state_ack' })
    expect((await open('ui-mine', '', await tokenOf(url, { id: 'zoe', tenant: 'rival' }))).status).toBe(404)
    await using other = await open('ui-other')
    other.send({ type: 'ping' })
    await other.waitFor({ type: 'pong' })
    expect(other.frames.map(({ type }) => type)).toEqual(['pong'])
  })
})

test('a stop of the platform answers the message that is under way, and says goodbye', async () => {
  const own = await startPlatform({
    settings: { ...defaultSettings(), port: 0, logLevel: 'silent' },
    parts: { database: () => platform.parts.get('database') },
  })
  await using client = await openStream(own.url!, await tokenOf(own.url!), 'stopping')
  for (let number = 0; number < 50; number++) client.send({ type: 'message', id: `m${number}`, message: 'x' })
  await client.waitFor({ type: 'ack' })
  await (await own.parts.get('gateway'))[Symbol.asyncDispose]()
  expect(await client.closed).toEqual([1001, 'The server stops'])
  const store = await platform.parts.get('store')
  const stored = (await store.eventsAfter('stopping', 0, 1_000)).flatMap(({ event }) =>
    'role' in event && event.role === 'user' ? event.event_id : [],
  )
  const acknowledged = client.frames.flatMap(({ type, event_id }) => (type === 'ack' ? (event_id ?? []) : []))
  // Each that was stored was acknowledged, and none was acknowledged that is not stored.
  expect(acknowledged).toEqual(stored)
})
