/**
 * Segment: operators
 * Goal: whoever means harm, or does it by accident, harms nobody else
 * Value: refusals that are told, and a service that goes on
 * Impact: an attack is a line in the log, and no outage
 *
 * @category integration
 * @marker adversarial
 */
import { createSecretKey } from 'node:crypto'

import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { startClient } from '../chaos/client.ts'
import { bearerOf } from '../follow-session.ts'
import { runPlatform } from '../platform-process.ts'
import { authEnvironment, tokenFor, useRealParts } from '../real-parts.ts'

const acquire = useRealParts()

interface Route {
  method: string
  path: string
  secured: boolean
  hasBody: boolean
}

/** Every route that a platform describes. */
async function routesOf(url: string): Promise<Route[]> {
  type Operation = { security?: unknown[]; requestBody?: unknown }
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>
  }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      secured: security !== undefined,
      hasBody: requestBody !== undefined,
    })),
  )
}

async function startAdversarial() {
  const real = await acquire()
  const platform = await runPlatform([], real.env)
  return {
    real,
    platform,
    url: platform.url,
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]()
      await real[Symbol.asyncDispose]()
    },
  }
}

const oddIds = [
  '%00',
  '%20',
  '..%2f..%2fetc',
  '%F0%9F%8E%B2',
  '%C3%28',
  '__proto__',
  'constructor',
  '-1',
  '9'.repeat(400),
  'a'.repeat(900),
  "'%20or%201=1--",
  '%2525',
  'null',
]
const oddBodies = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '1e999',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":1}}',
  '['.repeat(50_000),
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `{"message":"${'x'.repeat(1_100_000)}"}`,
  String.raw`{"message":"\ud800","name":"\udfff","prompt":"\ud800","title":"\u0000","type":"simple","text":"\u0000"}`,
  '{"message":"","message":"x","type":"adventure","title":"x","title":7}',
  `{"message":${'9'.repeat(400)},"limit":1e400,"type":{"toString":1}}`,
]

test('invalid input on every route: odd ids, queries and bodies are answered, and never by a failure', async () => {
  await using adversarial = await startAdversarial()
  const { url, platform } = adversarial
  const headers = { 'content-type': 'application/json', ...bearerOf(await tokenFor()) }
  const failures: string[] = []
  const send = async (method: string, path: string, body?: string, type = 'application/json') => {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, 'content-type': type },
      ...(body !== undefined && { body }),
    })
    await response.arrayBuffer()
    if (response.status >= 500) failures.push(`${response.status} ${method} ${path} ${body?.slice(0, 80)}`)
  }
  for (const { method, path, hasBody } of await routesOf(url)) {
    const good = path.replaceAll(/\{\w+\}/g, 'x1')
    const work = hasBody ? oddBodies.map((body) => send(method, good, body)) : []
    if (path.includes('{'))
      work.push(...oddIds.map((id) => send(method, path.replaceAll(/\{\w+\}/g, id), hasBody ? '{}' : undefined)))
    if (method === 'GET')
      work.push(
        ...oddIds.map((value) =>
          send(method, `${good}?limit=${value}&before=${value}&hours=${value}&channel=${value}`),
        ),
      )
    if (hasBody) work.push(send(method, good, '<a/>', 'application/xml'), send(method, good, 'a=b', 'nonsense'))
    await Promise.all(work)
  }
  expect(failures).toEqual([])
  expect(platform.log()).not.toContain('"level":50')
}, 120_000)

test('tokens that are stale, foreign, unsigned, of the future or of another time zone: 401 on every route and socket', async () => {
  await using adversarial = await startAdversarial()
  const { url } = adversarial
  const claims = { sub: 'zoe', tenant: 'clinic', role: 'practitioner' }
  const secret = createSecretKey(Buffer.from(authEnvironment.AUTH_SECRET))
  const sign = (key: typeof secret, alg: string, fields: object) =>
    new SignJWT({ ...claims, ...fields }).setProtectedHeader({ alg }).sign(key)
  const now = Math.floor(Date.now() / 1000)
  const foreign = createSecretKey(Buffer.from('the secret of somebody else, long enough'))
  const good = await sign(secret, 'HS256', { exp: now + 600 })
  const [, payload, signature] = good.split('.')
  const bad = {
    stale: await sign(secret, 'HS256', { exp: now - 3_600 }),
    'a minute late': await sign(secret, 'HS256', { exp: now - 60 }),
    'of the future': await sign(secret, 'HS256', { exp: now + 600, nbf: now + 300 }),
    foreign: await sign(foreign, 'HS256', { exp: now + 600 }),
    'of another algorithm': await sign(secret, 'HS512', { exp: now + 600 }),
    unsigned: new UnsecuredJWT({ ...claims, exp: now + 600 }).encode(),
    'with the signature of another': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`,
    'without an end': await sign(secret, 'HS256', {}),
    'without a tenant': await sign(secret, 'HS256', { exp: now + 600, tenant: undefined }),
    'of no role': await sign(secret, 'HS256', { exp: now + 600, role: 'root' }),
    endless: 'a'.repeat(10_000),
  }
  const secured = (await routesOf(url)).filter((route) => route.secured)
  expect(secured.length).toBeGreaterThan(10)
  const accepted: string[] = []
  for (const [name, token] of Object.entries(bad)) {
    const tried = secured.map(async ({ method, path }) => {
      const response = await fetch(url + path.replaceAll(/\{\w+\}/g, 'x'), { method, headers: bearerOf(token) })
      await response.arrayBuffer()
      if (response.status !== 401) accepted.push(`${response.status} for a token ${name}: ${method} ${path}`)
    })
    await Promise.all(tried)
    for (const path of ['/v1/session/x/stream', '/ws']) {
      const status = await handshake(`${url.replace('http', 'ws')}${path}`, token)
      if (status !== 401) accepted.push(`${status} for a token ${name}: ${path}`)
    }
  }
  expect(accepted).toEqual([])
  // Clocks may differ a little: these are good.
  for (const fields of [{ exp: now - 5 }, { exp: now + 600, nbf: now + 10 }]) {
    const token = await sign(secret, 'HS256', fields)
    expect((await fetch(`${url}/api/projects`, { headers: bearerOf(token) })).status).toBe(200)
  }
}, 120_000)

function handshake(url: string, token: string): Promise<number> {
  const socket = new WebSocket(url, { headers: bearerOf(token) })
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
  })
}

test('rate limits: of 1,500 requests of one user at once those that find no place are 429, and others do not notice', async () => {
  await using adversarial = await startAdversarial()
  const { real, url } = adversarial
  await using greedy = await startClient(url, 'greedy')
  await using modest = await startClient(url, 'modest')
  await modest.ask('before', 'modest')
  // Slow enough that all of them come before the first ones are done.
  await real.db.faults.slow({ latencyMs: 200 })
  const flood = Promise.all(
    Array.from({ length: 1_500 }, (_, number) =>
      greedy.post('/v1/session/message', { message: 'x', session_id: `g${number % 20}` }),
    ),
  )
  expect((await modest.post('/v1/session/message', { message: 'during', session_id: 'modest' })).status).toBe(202)
  const statuses = Map.groupBy(await flood, ({ status }) => status)
  await real.db.faults.reset()
  expect(new Set(statuses.keys())).toEqual(new Set([202, 429]))
  const accepted = statuses.get(202)!.map(({ body }) => body['event_id'])
  const stored = await real.db.sql<{ event_id: string }>`select event_id from session_events where session_id like 'g%'`
  expect(stored.map(({ event_id }) => event_id)).toEqual(expect.arrayContaining(accepted))
}, 120_000)

test('resource exhaustion: while Postgres and Redis take no more connections nothing fails, and it passes', async () => {
  await using adversarial = await startAdversarial()
  const { real, url } = adversarial
  await using client = await startClient(url)
  await client.ask('before', 's1')
  await Promise.all([real.db.faults.flood(300), real.cache.faults.flood(300)])
  await Promise.all([real.db.faults.cut(), real.cache.faults.cut()])
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => client.post('/v1/session/message', { message: 'during', session_id: 's1' })),
  )
  for (const { status } of answers) expect([202, 503]).toContain(status)
  await Promise.all([real.db.faults.reset(), real.cache.faults.reset()])
  await client.ask('after', 's1')
}, 120_000)

test('concurrent access: of users who take the same sessions at once each session has one owner, and nobody reads another', async () => {
  await using adversarial = await startAdversarial()
  const { real, url } = adversarial
  const users = await Promise.all(Array.from({ length: 8 }, (_, number) => startClient(url, `racer-${number}`)))
  const sessions = Array.from({ length: 10 }, (_, number) => `race-${number}`)
  await Promise.all(
    sessions.flatMap((session_id) =>
      users.map((user, number) => user.post('/v1/session/message', { message: `of ${number}`, session_id })),
    ),
  )
  const owners = await real.db.sql<{
    session_id: string
    user_id: string
  }>`select session_id, user_id from session_owners`
  expect(owners.map(({ session_id }) => session_id).sort()).toEqual(sessions)
  for (const { session_id, user_id } of owners) {
    const readers = await Promise.all(
      users.map(async ({ token }, number) => ({
        id: `racer-${number}`,
        status: (await fetch(`${url}/v1/session/${session_id}/events`, { headers: bearerOf(token) })).status,
      })),
    )
    expect(readers.filter(({ status }) => status === 200).map(({ id }) => id)).toEqual([user_id])
    expect(new Set(readers.map(({ status }) => status))).toEqual(new Set([200, 404]))
  }
}, 120_000)
