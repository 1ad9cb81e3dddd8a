import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { bearerOf, tokenOf } from '../../test/follow-session.ts'
import { routeUpgrades } from '../http/upgrades.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'
import { SessionStreams } from '../stream/session-streams.ts'
import { TokenVerifier } from './token-verifier.ts'

const within = { timeout: 30_000, interval: 20 }
let platform: Platform
let url: string
let zoe: string
let mallory: string
let stale: string

beforeAll(async () => {
  platform = await startPlatform({ settings: { ...defaultSettings(), port: 0, logLevel: 'silent' } })
  url = platform.url!
  zoe = await tokenOf(url, { id: 'user', tenant: 'clinic' })
  // The same id in another tenant is another user.
  mallory = await tokenOf(url, { id: 'user', tenant: 'rival' })
  stale = await tokenOf(url, { id: 'user', tenant: 'clinic', expires_in: -3600 })
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

async function request(path: string, token: string | undefined, body?: object, method = body ? 'POST' : 'GET') {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...(token !== undefined && bearerOf(token)) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, answer, challenge: response.headers.get('www-authenticate') }
}

/** Opens a stream, or says with which status it was refused. */
async function stream(path: string, token?: string, protocols: string[] = []) {
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocols, {
    headers: token === undefined ? {} : bearerOf(token),
  })
  const messages: string[] = []
  socket.on('message', (data: Buffer) => messages.push(data.toString()))
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    new Promise<number>((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
    }),
  ])
  return { status, socket, messages, close: () => socket.terminate() }
}

interface Route {
  method?: string
  path: string
  body?: object
}

/** Every route of a domain that names something of a user, and those that only need a token. */
const routesOf = ({ thread = 't', user = 'u', request = 'r', key = 'k' } = {}): Route[] => [
  { path: `/v1/threads/${thread}` },
  { path: '/v1/threads', body: { title: 'mine', thread_id: thread } },
  { path: `/v1/users/${user}` },
  { path: `/v1/agents/requests/${request}` },
  {
    path: '/v1/agents/requests',
    body: { type: 'agent_request', agent: 'triage_agent', message: 'x', session_id: thread },
  },
  { method: 'PUT', path: `/v1/api-keys/${key}`, body: { value: 'x' } },
  { method: 'DELETE', path: `/v1/api-keys/${key}` },
]
const ownRoutes: Route[] = [
  { path: '/v1/threads' },
  { path: '/v1/users/me' },
  { path: '/v1/users', body: {} },
  { path: '/v1/api-keys' },
  { path: '/v1/api-keys', body: { name: 'k', value: 'x' } },
  { path: '/v1/api-keys/encryption/rotate', method: 'POST' },
  { path: '/v1/budget' },
  { path: '/v1/budget', method: 'PUT', body: { limit: 1 } },
  { path: '/v1/violations' },
  { path: '/v1/audit' },
]

const routes = (session: string, event: string): Route[] => [
  { path: `/v1/session/${session}/events` },
  { path: `/v1/session/${session}/events/${event}` },
  { path: '/v1/session/message', body: { message: 'in between', session_id: session } },
]

describe('without a valid token', () => {
  test.each([
    ['none', () => undefined, 'Bearer'],
    ['a malformed one', () => 'no.real.token', 'Bearer error="invalid_token"'],
    ['a stale one', () => stale, 'Bearer error="invalid_token"'],
  ])(
    '%s: every route and the stream are 401, also for what is malformed or unknown',
    async (_name, token, challenge) => {
      const wrong: Route = { path: '/v1/session/message', body: {} }
      for (const { path, body, method } of [...routes('s1', 'e1'), ...routesOf(), ...ownRoutes, wrong]) {
        expect(await request(path, token(), body, method)).toMatchObject({ status: 401, challenge })
      }
      expect((await stream('/v1/session/s1/stream', token())).status).toBe(401)
    },
  )
})

describe('the session of another user', () => {
  test('is 404 on every route and on the stream, in the same words as one that does not exist', async () => {
    const { answer } = await request('/v1/session/message', zoe, { message: 'my secret' })
    const { session_id, event_id } = answer as { session_id: string; event_id: string }
    await expect
      .poll(
        async () => ((await request(`/v1/session/${session_id}/events`, zoe)).answer['events'] as []).length,
        within,
      )
      .toBe(2)

    const others = routes(session_id, event_id)
    const unknown = routes('nobody-has-this', event_id)
    for (const { path, body } of others) {
      const refused = await request(path, mallory, body)
      expect(refused).toMatchObject({ status: 404, answer: { detail: 'Session not found' } })
    }
    // Saying something in a session that is nobody's begins it, so only reading can be compared.
    for (const [index, { path }] of others.slice(0, 2).entries()) {
      expect(await request(path, mallory)).toEqual(await request(unknown[index]!.path, mallory))
    }
    expect((await stream(`/v1/session/${session_id}/stream`, mallory)).status).toBe(404)
    expect((await stream(`/v1/session/${session_id}/stream?last_event_id=${event_id}`, mallory)).status).toBe(404)
    expect(JSON.stringify((await request(`/v1/session/${session_id}/events`, zoe)).answer)).not.toContain('in between')
  })

  test('threads, accounts, requests to agents and API keys of another user or tenant are 404, as if they were not there', async () => {
    await request('/v1/users', zoe, {})
    await request('/v1/api-keys', zoe, { name: 'openai', value: 'sk-secret' })
    const { answer: made } = await request('/v1/threads', zoe, { title: 'my secret' })
    const { answer: asked } = await request('/v1/agents/requests', zoe, {
      type: 'agent_request',
      agent: 'triage_agent',
      message: 'my secret',
    })
    const names = { thread: String(made['thread_id']), request: String(asked['request_id']), key: 'openai' }
    const colleague = await tokenOf(url, { id: 'colleague', tenant: 'clinic' })
    for (const token of [mallory, colleague]) {
      for (const { path, body, method } of routesOf({ ...names, user: 'user' })) {
        // Mallory has the same id, and no account in her tenant.
        const refused = await request(path, token, body, method)
        expect([path, refused.status, JSON.stringify(refused.answer)]).toEqual([
          path,
          404,
          expect.stringMatching(/^\{"detail":"(Thread|Session|User|Request|Key) not found"\}$/),
        ])
      }
      const lists = await Promise.all(
        ['/v1/threads', '/v1/api-keys'].map(async (path) => (await request(path, token)).answer),
      )
      expect(lists).toEqual([{ threads: [], next: null }, { keys: [] }])
    }
    // Unharmed.
    expect((await request('/v1/api-keys', zoe)).answer).toMatchObject({ keys: [{ name: 'openai', replaced_at: null }] })
    expect((await request(`/v1/threads/${names.thread}`, zoe)).answer).toMatchObject({ title: 'my secret' })
  })

  test('an admin sees the tenant and no other; whoever is none is refused', async () => {
    const admin = await tokenOf(url, { id: 'ada', tenant: 'rival', role: 'admin' })
    await request('/v1/session/message', zoe, { message: 'I want to end my life', session_id: 'harm' })
    const own = await tokenOf(url, { id: 'ada', tenant: 'clinic', role: 'admin' })
    const violations = async (token: string) =>
      (await request('/v1/violations', token)).answer['violations'] as object[]
    await expect.poll(async () => (await violations(own)).length, within).toBe(1)
    expect(await violations(admin)).toEqual([])
    expect((await request('/v1/audit', admin)).answer).toEqual({ entries: [], next: null })
    expect((await request('/v1/users/user', own)).status).toBe(200)
    expect((await request('/v1/users/user', admin)).status).toBe(404)
    for (const { path, body, method } of ownRoutes.slice(5)) {
      expect([path, (await request(path, zoe, body, method)).status]).toEqual([path, 403])
    }
    const client = await tokenOf(url, { id: 'c', tenant: 'clinic', role: 'client' })
    expect((await request('/v1/api-keys', client, { name: 'k', value: 'x' })).status).toBe(403)
    expect((await request('/v1/session/message', own, { message: 'x' })).status).toBe(403)
  })

  test('of many who begin a session at once, one gets it, and only that one', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, n) => tokenOf(url, { id: `u${n}`, tenant: 'race' })),
    )
    const answers = await Promise.all(
      tokens.map((token) => request('/v1/session/message', token, { message: token, session_id: 'raced' })),
    )
    const winners = answers.flatMap(({ status }, index) => (status === 202 ? [tokens[index]!] : []))
    expect(winners).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19)
    const { answer } = await request('/v1/session/raced/events', winners[0])
    const said = (answer['events'] as { role: string; message: string }[]).filter(({ role }) => role === 'user')
    expect(said.map(({ message }) => message)).toEqual(winners)
  })

  test('one that is followed before anything was said is taken, too', async () => {
    const mine = await stream('/v1/session/early/stream', zoe)
    expect(mine.status).toBe(101)
    expect((await stream('/v1/session/early/stream', mallory)).status).toBe(404)
    expect((await request('/v1/session/message', mallory, { message: 'x', session_id: 'early' })).status).toBe(404)
    await request('/v1/session/message', zoe, { message: 'hello', session_id: 'early' })
    await expect.poll(() => mine.messages.filter((text) => text.includes('"type":"event"')).length, within).toBe(2)
    mine.close()
  })

  test('what came over the bus belongs to nobody', async () => {
    const store = await platform.parts.get('store')
    await store.appendEvent({
      event_id: 'b1',
      session_id: 'internal',
      role: 'system',
      message: 'internal',
      attachments: [],
      metadata: {},
      persona_id: null,
    })
    expect((await stream('/v1/session/internal/stream', mallory)).status).toBe(404)
    expect((await request('/v1/session/message', mallory, { message: 'x', session_id: 'internal' })).status).toBe(404)
  })
})

describe('on the stream', () => {
  test('browsers show their token as a subprotocol, which is not repeated, or in the query', async () => {
    const browser = await stream('/v1/session/browser/stream', undefined, ['session-stream', `bearer.${zoe}`])
    expect([browser.status, browser.socket.protocol]).toEqual([101, 'session-stream'])
    const last = await stream(`/v1/session/browser/stream?access_token=${zoe}`)
    expect(last.status).toBe(101)
    expect((await stream(`/v1/session/browser/stream?access_token=${mallory}`)).status).toBe(404)
    browser.close()
    last.close()
  })

  test('a token that expires ends it with the next heartbeat', async () => {
    const { development } = await platform.parts.get('auth')
    const [store, owners, policy, conversations, limiter, uiStates] = await Promise.all([
      platform.parts.get('store'),
      platform.parts.get('owners'),
      platform.parts.get('policy'),
      platform.parts.get('conversations'),
      platform.parts.get('limiter'),
      platform.parts.get('uiStates'),
    ])
    const shared = { store, owners, policy, conversations, limiter, uiStates }
    // A clock that is late takes a token that has expired by now.
    const late = new TokenVerifier({ key: { secret: development!.secret }, now: () => Date.now() - 7_200_000 })
    const streams = new SessionStreams({ ...shared, verifier: late, heartbeatMs: 50 })
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    routeUpgrades(server, [streams], () => {})
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/session/old/stream`, {
      headers: bearerOf(stale),
    })
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([4401, 'The token has expired'])
    await streams[Symbol.asyncDispose]()
    server.close()
  })
})

test('a token is described, and a development token is refused when it asks for nonsense', async () => {
  const { answer } = await request('/openapi.json', undefined)
  expect(answer).toMatchObject({
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths: { '/v1/session/message': { post: { security: [{ bearer: [] }] } } },
  })
  expect((await request('/dev/token', undefined, { role: 'root' })).status).toBe(422)
  const plain = await fetch(`${url}/dev/token`, { method: 'POST' })
  expect(await plain.json()).toMatchObject({ user: { id: 'developer', tenant: 'development' } })
})
