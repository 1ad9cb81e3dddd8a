import { checkAgentEvents } from '@keploy-framework/fixtures'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openAgentSession } from '../../test/agent-session.ts'
import { apiClient } from '../../test/api-client.ts'
import { tokenOf } from '../../test/follow-session.ts'
import { openStream } from '../../test/stream-client.ts'
import { RedisSessionCache } from '../cache/redis-session-cache.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'
import { ThreadStore } from '../threads/thread-store.ts'
import { Threads } from '../threads/threads.ts'

const within = { timeout: 30_000, interval: 20 }
let platform: Platform
let url: string
let zoe: ReturnType<typeof apiClient>
let admin: ReturnType<typeof apiClient>
let zoesToken: string

beforeAll(async () => {
  platform = await startPlatform({ settings: { ...defaultSettings(), port: 0, logLevel: 'silent' } })
  url = platform.url!
  const profile = { email: 'zoe@clinic.example', subscription: 'early' }
  zoesToken = await tokenOf(url, { id: 'zoë', tenant: 'clinic', role: 'practitioner', ...profile })
  zoe = apiClient(url, zoesToken)
  admin = apiClient(url, await tokenOf(url, { id: 'ada', tenant: 'clinic', role: 'admin' }))
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

describe('users', () => {
  test('create, read and self: the id and the tenant are those of the token, the rest may be said', async () => {
    const account = {
      user_id: 'zoë',
      tenant: 'clinic',
      email: 'zoe@clinic.example',
      subscription: 'mid',
      created_at: expect.any(String),
    }
    expect((await zoe.get('/v1/users/me')).status).toBe(404)
    const created = await zoe.post('/v1/users', { subscription: 'mid', user_id: 'mallory' })
    expect([created.status, created.body]).toEqual([201, account])
    expect(created.headers.get('location')).toBe('/v1/users/zo%C3%AB')
    for (const path of ['/v1/users/me', created.headers.get('location')!]) {
      await expect(zoe.get(path)).resolves.toMatchObject({ status: 200, body: account })
    }
    await expect(admin.get('/v1/users/zo%C3%AB')).resolves.toMatchObject({ status: 200, body: account })
    const database = await platform.parts.get('database')
    const rows = await database.query.selectFrom('users').select(['tenant', 'user_id', 'email']).execute()
    expect(rows).toEqual([{ tenant: 'clinic', user_id: 'zoë', email: 'zoe@clinic.example' }])
  })

  test('an account is made once, also by many at once', async () => {
    const client = apiClient(url, await tokenOf(url, { id: 'twice', tenant: 'clinic' }))
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.post('/v1/users', {})))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
    await expect(client.get('/v1/users/me')).resolves.toMatchObject({ body: { email: null, subscription: null } })
  })

  test.each([
    [{ email: 'nobody' }, 'email'],
    [{ email: 7 }, 'email'],
    [{ subscription: 'a\0b' }, 'subscription'],
    [{ subscription: '' }, 'subscription'],
  ])('%j is 422 and names the field', async (body, field) => {
    await expect(zoe.post('/v1/users', body)).resolves.toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', field] }] },
    })
  })
})

describe('threads', () => {
  test('create, cache as thread:{id}, retrieve, verify in SQL; the thread is the session of its messages', async () => {
    const wanted = { title: 'Übung', metadata: { topic: ['sleep', null] } }
    const { status, body: thread, headers } = await zoe.post('/v1/threads', wanted)
    expect([status, thread]).toMatchObject([201, { ...wanted, user_id: 'zoë' }])
    const id = String(thread['thread_id'])
    expect(headers.get('location')).toBe(`/v1/threads/${id}`)
    const [cache, database] = await Promise.all([platform.parts.get('cache'), platform.parts.get('database')])
    await expect.poll(() => cache.get(`thread:${id}`), within).toEqual({ tenant: 'clinic', thread })
    await expect(zoe.get(`/v1/threads/${id}`)).resolves.toMatchObject({ status: 200, body: thread })
    const rows = await database.query.selectFrom('threads').select('title').where('thread_id', '=', id).execute()
    expect(rows).toEqual([{ title: 'Übung' }])

    expect((await zoe.post('/v1/session/message', { message: 'Hello', session_id: id })).status).toBe(202)
    const events = async () => (await zoe.get(`/v1/session/${id}/events`)).body['events'] as unknown[]
    await expect.poll(async () => (await events()).length, within).toBe(2)
    // What somebody else wrote into the cache is no thread.
    await cache.set(`thread:${id}`, { tenant: 'clinic', thread: { thread_id: 'other' } }, 60)
    await expect(zoe.get(`/v1/threads/${id}`)).resolves.toMatchObject({ status: 200, body: thread })
  })

  test('are listed newest first, page by page', async () => {
    const client = apiClient(url, await tokenOf(url, { id: 'lister', tenant: 'clinic' }))
    const ids: unknown[] = []
    for (const title of ['one', 'two', 'three']) {
      ids.unshift((await client.post('/v1/threads', { title })).body['thread_id'])
    }
    const idsOf = ({ body }: { body: Record<string, unknown> }) =>
      (body['threads'] as { thread_id: string }[]).map(({ thread_id }) => thread_id)
    const page = await client.get('/v1/threads?limit=2')
    expect(idsOf(page)).toEqual(ids.slice(0, 2))
    const last = await client.get(`/v1/threads?limit=2&before=${String(page.body['next'])}`)
    expect([idsOf(last), last.body['next']]).toEqual([ids.slice(2), null])
    expect((await client.get('/v1/threads?before=nonsense')).status).toBe(422)
  })

  test('a session of one’s own gets a title, once', async () => {
    const { body } = await zoe.post('/v1/session/message', { message: 'Hello' })
    const wanted = { thread_id: body['session_id'], title: 'Later' }
    await expect(zoe.post('/v1/threads', wanted)).resolves.toMatchObject({ status: 201, body: wanted })
    await expect(zoe.post('/v1/threads', wanted)).resolves.toMatchObject({ status: 409 })
  })

  test('with an Idempotency-Key, a thread of a chosen id that is another one is a 409, and no fault of the key', async () => {
    const wanted = { thread_id: 'chosen', title: 'First' }
    const header = (key: string) => ({ 'idempotency-key': key })
    await expect(zoe.post('/v1/threads', wanted, header('chosen-1'))).resolves.toMatchObject({ status: 201 })
    await expect(zoe.post('/v1/threads', wanted, header('chosen-1'))).resolves.toMatchObject({ status: 201 })
    const other = { ...wanted, title: 'Second' }
    await expect(zoe.post('/v1/threads', other, header('chosen-2'))).resolves.toMatchObject({ status: 409 })
  })

  test('an Idempotency-Key makes one thread, also of many at once; another body with it is 422', async () => {
    const header = { 'idempotency-key': 'thread-1' }
    const wanted = { title: 'Once', metadata: { a: 1 } }
    const answers = await Promise.all(Array.from({ length: 8 }, () => zoe.post('/v1/threads', wanted, header)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    await expect(zoe.post('/v1/threads', { ...wanted, title: 'Twice' }, header)).resolves.toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['header', 'idempotency-key'], type: 'idempotency_key_reused' }] },
    })
  })

  test('a Redis that is away is not noticed', async () => {
    const [database, owners] = await Promise.all([platform.parts.get('database'), platform.parts.get('owners')])
    const problems: string[] = []
    await using cache = new RedisSessionCache('redis://127.0.0.1:1')
    const store = new ThreadStore(database, owners)
    const threads = new Threads({ store, cache, onProblem: (problem) => problems.push(problem) })
    const owner = { tenant: 'clinic', id: 'away' }
    const { thread_id } = await threads.create({ title: 'Kept', metadata: {} }, owner)
    await expect(threads.find(thread_id, owner)).resolves.toMatchObject({ title: 'Kept' })
    await expect.poll(() => new Set(problems), within).toContain('writing to the cache failed')
    expect(problems).toContain('reading from the cache failed')
  })
})

describe('agent requests', () => {
  const costs = [
    { name: 'cluster', monthly_amount: 900, utilization: 0.2 },
    { name: 'backup', monthly_amount: 50, utilization: 1 },
  ]
  const request = (fields: object) => ({ type: 'agent_request', agent: 'cost_optimizer', message: 'Save!', ...fields })
  const settled = async (location: string) => {
    await expect.poll(async () => (await zoe.get(location)).body['status'], within).not.toBe('running')
    return (await zoe.get(location)).body
  }

  test('cost_optimizer: recommendations and potential_savings.monthly_amount, with the five agent events in order', async () => {
    await using client = await openAgentSession(url, zoesToken, 'costs')
    const accepted = await zoe.post('/v1/agents/requests', request({ context: { costs }, session_id: 'costs' }))
    expect([accepted.status, accepted.body]).toEqual([
      202,
      { request_id: expect.any(String), session_id: 'costs', status: 'running' },
    ])
    await client.waitForCompletion()
    expect(client.agentEvents().map(({ type }) => type)).toEqual([
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_thinking',
      'agent_completed',
    ])
    expect(checkAgentEvents(client.agentEvents())).toBeUndefined()
    await expect(settled(accepted.headers.get('location')!)).resolves.toEqual({
      ...accepted.body,
      agent: 'cost_optimizer',
      status: 'completed',
      error: null,
      error_code: null,
      result: {
        agent: 'cost_optimizer',
        model: 'local deterministic model',
        simulated: true,
        summary:
          'This is the local deterministic model, not a language model. Of $950 a month $720 are paid for and not used.',
        priority: 'high',
        recommendations: [{ title: 'Reduce cluster', detail: 'It is paid for and not used.', monthly_savings: 720 }],
        potential_savings: { monthly_amount: 720, currency: 'USD' },
      },
    })
  })

  test('triage_agent: says how urgent it is, and what is to be done', async () => {
    const asked = request({ agent: 'triage_agent', message: 'Checkout is down, says Zoë' })
    const { headers } = await zoe.post('/v1/agents/requests', asked)
    await expect(settled(headers.get('location')!)).resolves.toMatchObject({
      agent: 'triage_agent',
      result: {
        priority: 'high',
        recommendations: [{ title: 'Have somebody look at it now', detail: 'It says down.' }],
        potential_savings: { monthly_amount: 0 },
      },
    })
  })

  test('over a WebSocket: acknowledged, with the agent events in order, and the result in the answer', async () => {
    await using client = await openStream(url, zoesToken, 'socket-advice')
    client.send(request({ id: 'r1', context: { costs } }))
    const ack = await client.waitFor({ type: 'ack', id: 'r1' })
    await client.waitFor({ type: 'agent_completed' })
    const events = client.frames.filter(({ type }) => /^(agent|tool)_/.test(type))
    expect(events.map(({ type }) => type)).toEqual([
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_thinking',
      'agent_completed',
    ])
    await expect(settled(`/v1/agents/requests/${ack.event_id}`)).resolves.toMatchObject({
      result: { potential_savings: { monthly_amount: 720 } },
    })
    client.send(request({ id: 'r2', agent: 'nobody' }))
    await expect(client.waitFor({ type: 'error', id: 'r2' })).resolves.toMatchObject({ error_code: 'VALIDATION_ERROR' })
  })

  test('a context that the tool cannot read is an answer, too', async () => {
    const { headers } = await zoe.post('/v1/agents/requests', request({ context: { costs: 'many' } }))
    const { result } = (await settled(headers.get('location')!)) as { result: object }
    expect(result).toMatchObject({ recommendations: [{ detail: expect.stringContaining('TOOL_ARGUMENTS') }] })
  })

  test('an Idempotency-Key asks once', async () => {
    const header = { 'idempotency-key': 'advice-1' }
    const answers = await Promise.all([1, 2, 3].map(() => zoe.post('/v1/agents/requests', request({}), header)))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  })

  test.each([
    [{ type: 'request' }, 'type'],
    [{ agent: 'web_assistant' }, 'agent'],
    [{ message: '' }, 'message'],
    [{ context: [] }, 'context'],
  ])('%j is 422 and names the field', async (fields, field) => {
    await expect(zoe.post('/v1/agents/requests', request(fields))).resolves.toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', field] }] },
    })
  })
})

describe('Idempotency-Key', () => {
  const header = (key: string) => ({ 'idempotency-key': key })
  const said = async (session: string) =>
    ((await zoe.get(`/v1/session/${session}/events`)).body['events'] as { role: string }[]).map(({ role }) => role)

  test('a repetition gets the same answer and stores nothing, also at once; the message is answered once', async () => {
    const message = { message: 'Once, please', metadata: { a: [null, { 'Zoë 🎲': 1 }] }, attachments: ['x'] }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => zoe.post('/v1/session/message', message, header('m-1'))),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    const session = String(answers[0]!.body['session_id'])
    await expect.poll(() => said(session), within).toEqual(['assistant', 'user'])
    const later = await zoe.post('/v1/session/message', message, header('m-1'))
    expect(later.body).toEqual(answers[0]!.body)
    await zoe.post('/v1/session/message', { message: 'Next', session_id: session })
    await expect.poll(() => said(session), within).toEqual(['assistant', 'user', 'assistant', 'user'])
  })

  test('another message with the key is 422, wherever it is said, and another user has keys of their own', async () => {
    const first = await zoe.post('/v1/session/message', { message: 'One', session_id: 'keyed' }, header('m-2'))
    expect(first.status).toBe(202)
    for (const body of [
      { message: 'Two', session_id: 'keyed' },
      { message: 'One', session_id: 'elsewhere' },
      { message: 'One', session_id: 'keyed', persona_id: 'web_assistant' },
    ]) {
      await expect(zoe.post('/v1/session/message', body, header('m-2'))).resolves.toMatchObject({
        status: 422,
        body: { detail: [{ loc: ['header', 'idempotency-key'], type: 'idempotency_key_reused' }] },
      })
    }
    const other = apiClient(url, await tokenOf(url, { id: 'other', tenant: 'clinic' }))
    await expect(other.post('/v1/session/message', { message: 'One' }, header('m-2'))).resolves.toMatchObject({
      status: 202,
    })
  })

  test('POST /api/projects keeps to it, too', async () => {
    const wanted = { name: 'Once', description: 'd' }
    const answers = await Promise.all([1, 2, 3].map(() => zoe.post('/api/projects', wanted, header('p-1'))))
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['project_id'])}`)).size).toBe(1)
    expect(answers[0]!.status).toBe(201)
    await expect(zoe.post('/api/projects', { name: 'Twice' }, header('p-1'))).resolves.toMatchObject({
      status: 400,
      body: { error_code: 'VALIDATION_ERROR', error: expect.stringContaining('The key was used for another request') },
    })
  })
})
