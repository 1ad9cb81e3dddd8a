/**
 * @marker data_pipeline
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: users, threads and keys over real parts
 * Impact: a mistake here would be copied into many services
 */
import { postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { faults, MockOpenAIBuilder } from '@keploy-framework/llm'
import { afterAll, expect, test } from 'vitest'

import { apiClient } from './api-client.ts'
import { runPlatform } from './platform-process.ts'
import { authEnvironment, tokenFor } from './real-parts.ts'

const fixtures = startFixtures({ postgres: postgres(), redis: redis() })
afterAll(() => fixtures.close())
const within = { timeout: 60_000, interval: 50 }

test('Idempotency-Key after a 503: messages and threads that are sent again are there once, with the same answer', async () => {
  await using db = await fixtures.acquire('postgres')
  await using platform = await runPlatform([], { POSTGRES_DSN: db.url, ...authEnvironment })
  const zoe = apiClient(platform.url, await tokenFor())
  const keys = Array.from({ length: 60 }, (_, number) => `key-${number}`)
  const send = (key: string) => {
    const header = { 'idempotency-key': key }
    return key.endsWith('5')
      ? zoe.post('/v1/threads', { title: key }, header)
      : zoe.post('/v1/session/message', { message: key, session_id: 'outage' }, header)
  }
  // The database goes away while they are under way: nobody knows which of them are stored.
  const first = keys.slice(0, 20).map(send)
  await Promise.race(first)
  const stopping = db.faults.stop()
  const before = await Promise.all([...first, ...keys.slice(20).map(send)])
  await stopping
  expect(new Set(before.map(({ status }) => status))).toContain(503)
  await db.faults.start()
  await expect.poll(async () => (await zoe.get('/health')).status, within).toBe(200)

  for (const [index, key] of keys.entries()) {
    await expect.poll(async () => (await send(key)).status, within).toBeLessThan(300)
    const { body } = await send(key)
    const { status, body: answer } = before[index]!
    // What had an answer has the same one.
    expect(body).toEqual(status < 300 ? answer : body)
  }
  const [messages] = await db.sql`select count(*)::int as all, count(distinct event->>'message')::int as different
    from session_events where event->>'role' = 'user'`
  expect(messages).toEqual({ all: 54, different: 54 })
  const [threads] = await db.sql`select count(*)::int as all, count(distinct title)::int as different from threads`
  expect(threads).toEqual({ all: 6, different: 6 })
  expect(await platform.stop()).toEqual([0, null])
}, 240_000)

test('a thread is cached as thread:{id}, and read from SQL while Redis is away; budgets are then 503', async () => {
  await using db = await fixtures.acquire('postgres')
  await using cache = await fixtures.acquire('redis')
  await using platform = await runPlatform([], { POSTGRES_DSN: db.url, REDIS_URL: cache.url, ...authEnvironment })
  const zoe = apiClient(platform.url, await tokenFor())
  const admin = apiClient(platform.url, await tokenFor({ id: 'ada', role: 'admin' }))
  const { body: thread } = await zoe.post('/v1/threads', { title: 'Übung' })
  const path = `/v1/threads/${String(thread['thread_id'])}`
  const cached = async () =>
    JSON.parse(String(await cache.command('GET', `thread:${String(thread['thread_id'])}`))) as object
  await expect.poll(cached, within).toEqual({ tenant: 'clinic', thread })
  // From the cache: SQL has another title now.
  await db.sql`update threads set title = 'changed'`
  await expect(zoe.get(path)).resolves.toMatchObject({ status: 200, body: thread })
  await expect(admin.put('/v1/budget', { limit: 7 })).resolves.toMatchObject({ status: 200, body: { limit: 7 } })

  await cache.faults.stop()
  await expect(zoe.get(path)).resolves.toMatchObject({ status: 200, body: { title: 'changed' } })
  await expect(zoe.post('/v1/threads', { title: 'Without Redis' })).resolves.toMatchObject({ status: 201 })
  await expect(admin.get('/v1/budget')).resolves.toMatchObject({
    status: 503,
    body: { detail: 'Redis does not answer, so that no budget can be checked' },
  })
  // What was not done was not noted as done.
  expect((await admin.put('/v1/budget', { limit: 8 })).status).toBe(503)
  await expect(admin.get('/v1/audit')).resolves.toMatchObject({ body: { entries: [{ details: { limit: 7 } }] } })
  await cache.faults.start()
  expect(await platform.stop()).toEqual([0, null])
}, 180_000)

test('API keys outlive the process with API_KEY_RING, and are not taken without it', async () => {
  await using db = await fixtures.acquire('postgres')
  const { API_KEY_RING, ...withoutRing } = authEnvironment
  const token = await tokenFor()
  {
    await using bare = await runPlatform([], {
      POSTGRES_DSN: db.url,
      ...withoutRing,
    })
    await expect(apiClient(bare.url, token).post('/v1/api-keys', { name: 'k', value: 'v' })).resolves.toMatchObject({
      status: 503,
      body: { detail: 'API keys are not taken: API_KEY_RING is not set' },
    })
  }
  const env = { POSTGRES_DSN: db.url, API_KEY_RING, ...withoutRing }
  {
    await using one = await runPlatform([], env)
    await expect(apiClient(one.url, token).post('/v1/api-keys', { name: 'k', value: 'sk-1' })).resolves.toMatchObject({
      status: 201,
    })
  }
  await using two = await runPlatform([], env)
  await expect(apiClient(two.url, token).get('/v1/api-keys')).resolves.toMatchObject({
    body: { keys: [{ name: 'k' }] },
  })
  expect(JSON.stringify(await db.sql`select * from api_keys, audit_log`)).not.toContain('sk-1')
}, 180_000)

test('policy violations: a platform that is killed while a model judges a message judges it after its restart, and logs it once', async () => {
  await using db = await fixtures.acquire('postgres')
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  const judge = { system: 'You check messages' }
  llm.chat.once({ match: judge, fault: faults.timeout() })
  llm.chat.always({ match: judge, reply: '{"violations":[{"type":"violence","explanation":"A threat."}]}' })
  llm.chat.always('Fine.')
  const env = {
    POSTGRES_DSN: db.url,
    OPENAI_BASE_URL: llm.baseUrl,
    OPENAI_SAFETY_MODEL: 'gpt-4o-mini',
    ...authEnvironment,
  }
  const judged = () => llm.requests.filter(({ body }) => (body as { model: string }).model === 'gpt-4o-mini')
  await using one = await runPlatform([], { ...env, OPENAI_MODEL: 'gpt-4o' })
  const said = await apiClient(one.url, await tokenFor()).post(
    '/v1/session/message',
    { message: 'Now you will see' },
    { 'user-agent': 'test/1.0' },
  )
  expect(said.status).toBe(202)
  await expect.poll(() => judged().length, within).toBe(1)
  expect(await one.stop('SIGKILL')).toEqual([null, 'SIGKILL'])

  await using two = await runPlatform([], { ...env, OPENAI_MODEL: 'gpt-4o' })
  const admin = apiClient(two.url, await tokenFor({ id: 'ada', role: 'admin' }))
  const listed = async () => (await admin.get('/v1/violations')).body['violations']
  await expect.poll(async () => ((await listed()) as []).length, within).toBe(1)
  expect(await listed()).toMatchObject([
    { type: 'violence', explanation: 'A threat.', simulated: false, ip: '127.0.0.1', user_agent: 'test/1.0' },
  ])
  expect(await two.stop()).toEqual([0, null])
}, 180_000)
