import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { completion, startCompletionServer, type CompletionReply } from '../../test/completion-server.ts'
import { readAgentsConfig } from '../agents/agents-config.ts'
import { makeAgents } from '../agents/make-agents.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { Orchestrator, type OrchestratorOptions } from './orchestrator.ts'
import { TaskStore } from './task-store.ts'

const within = { timeout: 30_000, interval: 10 }
const zoe = { tenant: 'clinic', id: 'zoe' }
const task = { type: 'general' as const, prompt: 'Do the review of this task', project_id: null }

let database: Database
beforeAll(async () => {
  database = await openDatabase()
}, 60_000)
afterAll(() => database[Symbol.asyncDispose]())

/** An orchestrator whose agents are all behind one endpoint. */
async function orchestrate(reply: () => CompletionReply, options: Partial<OrchestratorOptions> = {}) {
  const server = await startCompletionServer(reply)
  const agent = { kind: 'endpoint', base_url: server.baseUrl, model: 'm' }
  const read = readAgentsConfig(
    JSON.stringify({ agents: { claude: agent, gemini: agent, copilot: agent }, quality: { retries: 0 } }),
  )
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  const agents = makeAgents({ config: read.config, openai: undefined, env: {} })
  const tasks = new TaskStore(database, () => {})
  const shared = { tasks, agents, qualityThreshold: 0.85, taskTimeoutMs: 30_000 }
  const orchestrator = new Orchestrator({ ...shared, ...options })
  return {
    orchestrator,
    server,
    async [Symbol.asyncDispose]() {
      await orchestrator[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const eventsOf = async (task_id: string) => {
  const rows = await sql<{ type: string }>`select value->'event'->>'type' as type from outbox
    where key = ${task_id} order by sequence`.execute(database.query)
  return rows.rows.map(({ type }) => type)
}

test('a task that no agent answers has failed, and is kept with the reasons', async () => {
  await using all = await orchestrate(() => ({ status: 500, body: 'ill' }))
  const executed = await all.orchestrator.execute(task, zoe)
  expect(executed).toMatchObject({
    task: { status: 'failed', error_code: 'AGENTS_FAILED', error: expect.stringContaining('claude: 127.0.0.1') },
  })
  const { task_id } = (executed as { task: { task_id: string } }).task
  expect(await eventsOf(task_id)).toEqual(['task_started', 'task_failed'])
})

test('when all circuits are open nobody was asked, and that is another error', async () => {
  await using all = await orchestrate(() => ({ status: 500, body: 'ill' }))
  for (let number = 0; number < 5; number++) await all.orchestrator.execute(task, zoe)
  const calls = all.server.requests.length
  expect(await all.orchestrator.execute(task, zoe)).toMatchObject({ task: { error_code: 'AGENTS_UNAVAILABLE' } })
  expect(all.server.requests).toHaveLength(calls)
  expect([...all.orchestrator.agents.values()].map(({ circuit }) => circuit)).toEqual(['open', 'open', 'open'])
})

test('a task may not take longer than its time, whatever its agents do', async () => {
  await using all = await orchestrate(() => 'hang', { taskTimeoutMs: 300 })
  expect(await all.orchestrator.execute(task, zoe)).toMatchObject({ task: { status: 'failed' } })
  expect(all.server.requests).toHaveLength(1)
})

test('stopping finishes what is under way, takes nothing new, and waits no longer than its grace', async () => {
  let hang = false
  const all = await orchestrate(() => (hang ? 'hang' : completion('The review of this task is done.')), {
    graceMs: 300,
  })
  hang = true
  const running = all.orchestrator.execute(task, zoe)
  await expect.poll(() => all.server.requests.length, within).toBe(1)
  const stopped = all.orchestrator[Symbol.asyncDispose]()
  expect(await all.orchestrator.execute(task, zoe)).toEqual({ stopping: true })
  await stopped
  expect(await running).toMatchObject({ task: { status: 'failed' } })
  await all[Symbol.asyncDispose]()
})

test('a task whose process is gone is found by the next one, and told as failed', async () => {
  await new TaskStore(database, () => {}).start('orphan', zoe, task, -1)
  await using all = await orchestrate(() => completion('unused'))
  await expect.poll(() => eventsOf('orphan'), within).toEqual(['task_started', 'task_failed'])
  expect(all.server.requests).toEqual([])
})
