/**
 * @marker data_pipeline
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: the screen of a user, through outages and restarts
 * Impact: a mistake here would be copied into many services
 */
import { checkAgentEvents, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { MockOpenAIBuilder } from '@keploy-framework/llm'
import { afterAll, expect, test } from 'vitest'

import { developer, signToken } from '../src/auth/development-tokens.ts'
import { nameOf } from '../src/ui-state/ui-state-store.ts'
import { openAgentSession } from './agent-session.ts'
import { bearerOf } from './follow-session.ts'
import { runPlatform } from './platform-process.ts'
import { openStream } from './stream-client.ts'
import { startUpstreamServer } from './upstream-server.ts'

const fixtures = startFixtures({ redis: redis(), postgres: postgres() })
afterAll(() => fixtures.close())
const within = { timeout: 60_000, interval: 50 }
const AUTH_SECRET = 'tokens outlive a process that is killed'

/** A platform on real parts, which may be killed and started again, and a user of it. */
async function acquire(more: NodeJS.ProcessEnv = {}) {
  const [cache, db] = await Promise.all([fixtures.acquire('redis'), fixtures.acquire('postgres')])
  const env = {
    POSTGRES_DSN: db.url,
    REDIS_URL: cache.url,
    AUTH_SECRET,
    UPSTREAM_SEAL_SECRET: 'so do tokens that are sealed, 32 bytes',
    ...more,
  }
  const token = await signToken(developer, new TextEncoder().encode(AUTH_SECRET), 3_600)
  return {
    cache,
    token,
    start: () => runPlatform([], env),
    post: (url: string, path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearerOf(token) },
        body: JSON.stringify(body),
      }),
    /** What Redis itself has of a session. */
    async inRedis(session_id: string) {
      const flat = (await cache.command('HGETALL', nameOf({ session_id, user: developer }))) as unknown
      return JSON.stringify(flat)
    },
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]()
      await db[Symbol.asyncDispose]()
    },
  }
}

test.each([
  ['stops and comes back empty', 'stop', 'start'],
  ['does not answer', 'pause', 'resume'],
  ['is cut off again and again', 'cut', 'cut'],
] as const)(
  'UI state: a Redis outage is survived, when it %s: UI state, sessions and messages go on, and nothing of it is lost',
  async (_name, begin, end) => {
    await using real = await acquire()
    const platform = await real.start()
    await using first = await openStream(platform.url, real.token, 's1')
    const show = async (id: string, mode: string, state: object) => {
      first.send({ type: 'ui_state', id, mode, state })
      await first.waitFor({ type: 'ui_state_ack', id })
    }
    await show('u1', 'full', { page_type: 'clients', selectedTemplate: 't1' })
    expect(await real.inRedis('s1')).toContain('clients')

    await real.cache.faults[begin]()
    await show('u2', 'update', { page_type: 'documents', loadedSessions: ['s1'] })
    // Another window of the same user finds it, though Redis does not have it.
    await using second = await openStream(platform.url, real.token, 's1')
    const expected = { page_type: 'documents', selectedTemplate: 't1', loadedSessions: ['s1'] }
    expect(await second.waitFor({ type: 'ui_state' })).toMatchObject({ state: expected })
    first.send({ type: 'message', id: 'm1', message: 'Hello out there' })
    const { event_id } = await first.waitFor({ type: 'ack', id: 'm1' })
    const created = await real.post(platform.url, '/api/v1/sessions', { type: 'mystery', title: 'without Redis' })
    expect(created.status).toBe(201)

    await real.cache.faults[end]()
    await expect.poll(() => real.inRedis('s1'), within).toContain('documents')
    expect(await real.inRedis('s1')).toContain('t1')
    // Budgets wait for Redis, and so did the answer.
    await expect
      .poll(() => first.frames.flatMap(({ event }) => event?.role ?? []), within)
      .toEqual(['user', 'assistant'])

    // Recovery of state after a restart of the server.
    expect(await platform.stop('SIGKILL')).toEqual([null, 'SIGKILL'])
    await using again = await real.start()
    await using third = await openStream(again.url, real.token, 's1', `?last_event_id=${event_id}`)
    expect(await third.waitFor({ type: 'ui_state' })).toMatchObject({ state: expected })
    expect(await third.waitFor({ type: 'event' })).toMatchObject({ event: { role: 'assistant' } })
    expect(await again.stop()).toEqual([0, null])
  },
  240_000,
)

test('WebSocket: interrupted in the middle of a tool by a client that goes and a server that is killed, a chain goes on; who comes back gets the rest, once and in order', async () => {
  await using upstream = await startUpstreamServer(() => 'silence')
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  await using real = await acquire({ OPENAI_BASE_URL: llm.baseUrl, UPSTREAM_URL: upstream.baseUrl })
  const platform = await real.start()
  llm.chat.once({ reply: { toolCalls: [{ name: 'open_template', arguments: {} }] } })

  await using client = await openAgentSession(platform.url, real.token, 's1')
  client.socket.send(JSON.stringify({ type: 'ui_state', mode: 'full', state: { selectedTemplate: 't1' } }))
  await expect.poll(() => real.inRedis('s1'), within).toContain('t1')
  await client.send('Open it.')
  await expect.poll(() => upstream.requests.length, within).toBe(1)
  await expect.poll(() => client.agentEvents().at(-1)?.type, within).toBe('tool_executing')
  client.socket.terminate()
  expect(await platform.stop('SIGKILL')).toEqual([null, 'SIGKILL'])

  upstream.upset(() => undefined)
  llm.chat.once('It is open.')
  await using again = await real.start()
  await using rest = await openAgentSession(again.url, real.token, 's1', client.agentEvents().at(-1)!.event_id)
  await expect.poll(() => rest.uiActions().length, within).toBe(1)
  const types = rest.frames.map(({ type }) => type)
  expect(types).toEqual(['tool_completed', 'agent_thinking', 'event', 'agent_completed', 'ui_action'])
  expect(rest.answers()).toMatchObject([{ message: 'It is open.' }])
  expect(rest.uiActions()).toMatchObject([{ action: 'open_template', args: { template_id: 't1' } }])
  expect(checkAgentEvents([...client.agentEvents(), ...rest.agentEvents()])).toBeUndefined()
  expect(await again.stop()).toEqual([0, null])
}, 240_000)
