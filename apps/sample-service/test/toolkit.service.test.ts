/**
 * @marker standard
 *
 * Segment: enterprise
 * Goal: customers stay because agents answer, whatever else happens
 * Value: users, threads and agents as a client of the platform meets them
 * Impact: a release in which nobody gets advice does not go out
 */
import { assertAgentExecution, missionCriticalTest, postgres, redis } from '@keploy-framework/fixtures'
import { defineFixtures } from '@keploy-framework/fixtures/vitest'
import { afterAll, expect, vi } from 'vitest'

import { runPlatform } from './platform-process.ts'

vi.setConfig({ testTimeout: 60_000 })
let platform: Awaited<ReturnType<typeof runPlatform>>
afterAll(() => platform[Symbol.asyncDispose]())

const { test } = defineFixtures({
  db: postgres({ scope: 'file' }),
  cache: redis(),
  critical: missionCriticalTest({ baseUrl: () => platform.url }),
})

test('users and threads are created, cached as thread:{id}, retrieved, and stand in SQL; an agent answers with its five events', async ({
  db,
  cache,
  critical,
}) => {
  platform = await runPlatform([], { POSTGRES_DSN: db.url, REDIS_URL: cache.url })
  const user = await critical.createTestUser({ email: 'zoe@example.com', subscription: 'enterprise' })
  const { json: thread } = await critical.request<{ thread_id: string }>('POST', '/v1/threads', {
    token: user.token,
    json: { title: 'Zoë’s costs' },
    status: 201,
  })
  expect(await critical.getThread(thread.thread_id)).toMatchObject({ user_id: user.id, title: 'Zoë’s costs' })
  await expect.poll(async () => cache.command('KEYS', `*thread:*${thread.thread_id}`)).toHaveLength(1)
  expect(await db.one`select email, subscription from users where user_id = ${user.id}`).toEqual({
    email: 'zoe@example.com',
    subscription: 'enterprise',
  })
  expect(await db.one`select title from threads where thread_id = ${thread.thread_id}`).toEqual({
    title: 'Zoë’s costs',
  })

  const execution = await critical.executeAgentWithMonitoring({
    agent: 'cost_optimizer',
    message: 'What can we save?',
    context: { costs: [{ name: 'idle server', monthly_amount: 120, utilization: 0.02 }] },
    session: thread.thread_id,
  })
  expect(execution.counts).toMatchObject({ agent_started: 1, agent_completed: 1 })
  assertAgentExecution(execution)
  const answer = execution.messages.find(
    (message) => (message as { event?: { role: string } }).event?.role === 'assistant',
  )
  expect(JSON.stringify(answer)).toContain('monthly_amount')

  const other = await critical.createTestUser()
  await expect(critical.getThread(thread.thread_id, other)).rejects.toThrow('answered 404')
})
