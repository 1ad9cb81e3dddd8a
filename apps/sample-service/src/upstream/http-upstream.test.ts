import { expect, test } from 'vitest'

import { upstreamContract } from '../../test/contracts/upstream.ts'
import { startUpstreamServer, type Upset } from '../../test/upstream-server.ts'
import type { Caller } from './caller.ts'
import { HttpUpstream } from './http-upstream.ts'
import { TokenSeal } from './token-seal.ts'
import type { Upstream, UpstreamRequest } from './upstream.ts'

const seal = new TokenSeal()
const quick = { seal, backoffMs: 1, timeoutMs: 20_000 }
const read: UpstreamRequest = { method: 'GET', path: '/clients/c1' }

const signedIn = (caller: Partial<Caller> = {}): Caller => {
  const owner = { tenant: 't1', id: 'p1', role: 'practitioner' as const, ...caller }
  return { ...owner, sealed_authorization: seal.close(`Bearer ${owner.tenant}.${owner.id}`, owner) }
}
const context = (caller?: Partial<Caller>) => ({ caller: signedIn(caller), idempotencyKey: 'k' })

upstreamContract('over HTTP', async (work) => {
  await using server = await startUpstreamServer()
  const http = new HttpUpstream({ ...quick, baseUrl: server.baseUrl })
  const upstream: Upstream = {
    kind: http.kind,
    send: (request, given) => http.send(request, { ...given, caller: signedIn(given.caller) }),
  }
  await work(upstream)
})

test('a practitioner sends the token and the profile, a client the token alone', async () => {
  await using server = await startUpstreamServer()
  const upstream = new HttpUpstream({ ...quick, baseUrl: server.baseUrl })
  await upstream.send(read, context())
  await upstream.send(read, context({ role: 'client', id: 'c1' }))
  expect(server.requests).toMatchObject([
    { authorization: 'Bearer t1.p1', profile: 'p1' },
    { authorization: 'Bearer t1.c1', profile: undefined },
  ])
})

test('a token that was sealed for somebody else is not sent', async () => {
  await using server = await startUpstreamServer()
  const upstream = new HttpUpstream({ ...quick, baseUrl: server.baseUrl })
  const caller = { ...signedIn(), id: 'p2' }
  await expect(upstream.send(read, { caller, idempotencyKey: 'k' })).rejects.toMatchObject({
    code: 'UPSTREAM_UNAUTHORIZED',
  })
  expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined])
})

test.each<[string, Upset, string, number]>([
  ['401', { status: 401 }, 'UPSTREAM_UNAUTHORIZED', 1],
  ['403', { status: 403 }, 'UPSTREAM_FORBIDDEN', 1],
  ['404', { status: 404 }, 'UPSTREAM_NOT_FOUND', 1],
  ['409', { status: 409 }, 'UPSTREAM_REJECTED', 1],
  ['429', { status: 429 }, 'UPSTREAM_FAILED', 4],
  ['500', { status: 500 }, 'UPSTREAM_FAILED', 4],
  ['what is no JSON', { status: 200, body: '{"id":' }, 'UPSTREAM_MALFORMED', 4],
  ['a connection that breaks', 'cut', 'UPSTREAM_UNREACHABLE', 4],
])('%s is %#: a code of its own, and as many attempts as may help', async (_name, upset, code, attempts) => {
  await using server = await startUpstreamServer(() => upset)
  const upstream = new HttpUpstream({ ...quick, baseUrl: server.baseUrl })
  await expect(upstream.send(read, context())).rejects.toMatchObject({ code })
  expect(server.requests).toHaveLength(attempts)
})

test('silence ends at the time limit and is tried again', async () => {
  await using server = await startUpstreamServer(() => 'silence')
  const upstream = new HttpUpstream({ ...quick, timeoutMs: 50, retries: 1, baseUrl: server.baseUrl })
  await expect(upstream.send(read, context())).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(server.requests).toHaveLength(2)
})

test('an upstream that fails five times in a row is left alone, and asked again when the time is over', async () => {
  await using server = await startUpstreamServer((_request, nth) => (nth <= 5 ? { status: 500 } : undefined))
  const upstream = new HttpUpstream({ ...quick, retries: 4, resetMs: 100, baseUrl: server.baseUrl })
  await expect(upstream.send(read, context())).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' })
  await expect(upstream.send(read, context())).rejects.toMatchObject({ code: 'UPSTREAM_CIRCUIT_OPEN' })
  expect(server.requests).toHaveLength(5)
  const again = () => upstream.send(read, context()).catch(() => undefined)
  await expect.poll(again, { timeout: 20_000 }).toMatchObject({ name: 'John Smith' })
})

test('a failure that passes is not noticed, and an answer that is too long is malformed', async () => {
  await using server = await startUpstreamServer((_request, nth) => (nth <= 2 ? { status: 503 } : undefined))
  const upstream = new HttpUpstream({ ...quick, baseUrl: server.baseUrl })
  await expect(upstream.send(read, context())).resolves.toMatchObject({ name: 'John Smith' })
  const narrow = new HttpUpstream({ ...quick, retries: 0, maxBytes: 10, baseUrl: server.baseUrl })
  await expect(narrow.send(read, context())).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' })
})
