/**
 * @marker load_stress
 *
 * Segment: teams that copy this service
 * Goal: no accepted message is lost, whoever dies when
 * Value: a promise that was tried fifty times
 * Impact: nobody writes a message twice
 */
import { setTimeout as pause } from 'node:timers/promises'

import { MockOpenAIBuilder } from '@keploy-framework/llm'
import { expect, test } from 'vitest'

import { topics } from '../src/events/topics.ts'
import type { OwnedTaskEvent } from '../src/orchestrator/task-event.ts'
import type { Role } from '../src/platform-parts.ts'
import { bundlePlatform } from './chaos/bundle-platform.ts'
import { startLoad } from './chaos/load.ts'
import { startRole } from './chaos/role-process.ts'
import { seeded } from './chaos/seeded.ts'
import { countAnswers, expectChainsComplete, expectNoDeadLetters, expectNothingLost } from './chaos/verify.ts'
import { useRealParts, type RealParts } from './real-parts.ts'

const acquire = useRealParts()

/** How often each role is killed. A killed member leaves its group only after ten seconds, which the next one waits for. */
const KILLS: Record<Role, number> = { gateway: 18, orchestrator: 16, worker: 8, tools: 8 }
/** Work goes on for up to so many milliseconds more before the kill. */
const MAX_DELAY_MS = 800

/** Says how much of each of its kinds of work a role has done, so that it is killed in the middle of it. */
function progressOf(role: Role, { db }: RealParts, load: ReturnType<typeof startLoad>): () => Promise<number[]> {
  if (role === 'gateway') return async () => [load.accepted.size]
  if (role === 'orchestrator') return async () => [load.tasks.length]
  // It takes a while to join the groups of all topics: killed before that, again and again, it would never do the rest.
  const consumers = role === 'worker' ? ['conversation-worker', 'chain-worker'] : ['tool-executor']
  return async () => {
    const rows = await db.sql<{ consumer: string; count: number }>`
      select consumer, count(*)::int as count from processed_events group by consumer`
    return consumers.map((name) => rows.find(({ consumer }) => consumer === name)?.count ?? 0)
  }
}

test('kill -9 of any role at any moment under load loses no accepted message: 50 times', async () => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000)
  // oxlint-disable-next-line no-console -- who has to repeat a failure needs it
  console.info(`kills: CHAOS_SEED=${seed}`)
  await using real = await acquire()
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  // Asks for a tool, and answers when it has its result; without tools it answers at once.
  llm.chat.always({
    reply: ({ tools, messages }) =>
      tools.length > 0 && messages.at(-1)?.role !== 'tool'
        ? { toolCalls: [{ name: 'search_clients', arguments: { query: 'john' } }] }
        : 'An answer.',
  })
  await using bundle = await bundlePlatform()
  const env = { ...real.env, OPENAI_BASE_URL: llm.baseUrl }
  await using gateway = await startRole('gateway', env, bundle.module)
  await using worker = await startRole('worker', env, bundle.module)
  await using tools = await startRole('tools', env, bundle.module)
  await using orchestrator = await startRole('orchestrator', env, bundle.module)
  const roles = { gateway, worker, tools, orchestrator }
  const load = startLoad({
    gatewayUrl: () => gateway.url,
    orchestratorUrl: () => orchestrator.url,
    answered: () => countAnswers(real),
  })

  let kills = 0
  const moments = seeded(seed)
  await Promise.all(
    Object.entries(roles).map(async ([name, role]) => {
      const progress = progressOf(name as Role, real, load)
      for (let number = 0; number < KILLS[name as Role]; number++) {
        const before = await progress()
        const hasGoneOn = async () => (await progress()).every((count, index) => count > before[index]!)
        await expect.poll(hasGoneOn, { timeout: 120_000, interval: 100, message: `progress of ${name}` }).toBe(true)
        await pause(moments.below(MAX_DELAY_MS))
        expect(await role.killAndRestart()).toEqual([null, 'SIGKILL'])
        kills += 1
      }
    }),
  )
  await load.stop()
  // oxlint-disable-next-line no-console -- how much it was tried with
  console.info(`kills: ${kills}, accepted: ${load.accepted.size}, tasks: ${load.tasks.length}`, load.failures)

  expect(kills).toBe(50)
  await expectNothingLost(real, load.accepted)
  await expectChainsComplete(real)
  await expectNoDeadLetters(real)
  const finished = await real.db.sql<{ task_id: string }>`select task_id from tasks where status = 'completed'`
  expect(finished.map(({ task_id }) => task_id)).toEqual(expect.arrayContaining(load.tasks))
  const told = (await real.broker.topic(topics.taskEvents).messages()).map(({ value }) => value as OwnedTaskEvent)
  const completed = new Set(told.flatMap(({ event }) => (event.type === 'task_completed' ? [event.task_id] : [])))
  expect(load.tasks.filter((task) => !completed.has(task))).toEqual([])
  for (const role of Object.values(roles)) expect(await role.stop()).toEqual([0, null])
}, 900_000)
