import { sql } from 'kysely'
import { expect, test } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { decodeCursor } from '../../src/database/page.ts'
import { ProjectStore } from '../../src/orchestrator/project-store.ts'
import type { TaskOutcome } from '../../src/orchestrator/run-task.ts'
import { countTasks } from '../../src/orchestrator/task-metrics.ts'
import { TaskStore } from '../../src/orchestrator/task-store.ts'

const zoe = { tenant: 'clinic', id: 'zoe' }
const rival = { tenant: 'rival', id: 'zoe' }

const answered: TaskOutcome = {
  answered: {
    agent: 'claude',
    answer: {
      text: 'Zoë 🎲 \0\ud800',
      model: 'm',
      tokens: { input: 10, output: 5, estimated: false },
      cost_usd: 0.25,
      simulated: false,
    },
    quality: { score: 0.8, broken: ['is complete'] },
  },
  attempts: [{ agent: 'claude', outcome: 'poor', answers: [], calls: 3, error: 'poor' }],
  tokens: { input: 30, output: 15, estimated: false },
  cost_usd: 0.75,
}
const unanswered: TaskOutcome = {
  answered: undefined,
  attempts: [{ agent: 'gemini', outcome: 'circuit_open', answers: [], calls: 0, error: 'The circuit is open.' }],
  tokens: { input: 0, output: 0, estimated: false },
  cost_usd: 0,
}

interface Stores {
  database: Database
  projects: ProjectStore
  tasks: TaskStore
}

export const storesOf = (database: Database): Stores => ({
  database,
  projects: new ProjectStore(database, () => {}),
  tasks: new TaskStore(database, () => {}),
})

/** What projects and tasks need of their database; `use` lends those of an empty one to a test. */
export function taskStoreContract(name: string, use: (work: (stores: Stores) => Promise<void>) => Promise<void>): void {
  const contract = (title: string, work: (stores: Stores) => Promise<void>): void => {
    test(`${name}: ${title}`, { timeout: 60_000 }, async () => {
      expect.hasAssertions()
      await use(work)
    })
  }
  const task = (project_id: string | null = null) => ({ type: 'general' as const, prompt: 'Do it, Zoë', project_id })
  const eventsOf = async (database: Database) =>
    (await database.query.selectFrom('outbox').select(['key', 'value']).orderBy('sequence').execute()).map(
      ({ key, value }) => [key, (value as { event: { type: string } }).event.type],
    )

  contract('deleting a project deletes its tasks, and no others; those that run are told as failed', async (stores) => {
    const { database, projects, tasks } = stores
    await projects.create('p1', zoe, { name: 'one', description: '' })
    await projects.create('p2', zoe, { name: 'two', description: '' })
    for (const [id, project] of [
      ['t1', 'p1'],
      ['t2', 'p1'],
      ['t3', 'p2'],
      ['t4', null],
    ] as const) {
      await tasks.start(id, zoe, task(project), 60)
    }
    await tasks.finish('t2', answered, 0.85)
    expect(await projects.remove('p1', zoe)).toBe(true)
    const left = await database.query.selectFrom('tasks').select('task_id').orderBy('sequence').execute()
    expect(left.map(({ task_id }) => task_id)).toEqual(['t3', 't4'])
    expect((await eventsOf(database)).slice(-2)).toEqual([
      ['t2', 'task_completed'],
      ['t1', 'task_failed'],
    ])
    expect(await tasks.finish('t1', answered, 0.85)).toBeUndefined()
    expect(await projects.remove('p1', zoe)).toBe(false)
  })

  contract('the database itself refuses a task of a project that there is not', async ({ database, tasks }) => {
    const insert = sql`insert into tasks (task_id, tenant, user_id, project_id, type, prompt, status, outcome, deadline_at)
      values ('t', 'clinic', 'zoe', 'nowhere', 'general', 'p', 'running', '{}', now())`
    await expect(insert.execute(database.query)).rejects.toMatchObject({ code: '23503' })
    expect(await tasks.start('t', zoe, task('nowhere'), 60)).toBeUndefined()
    expect(await eventsOf(database)).toEqual([])
  })

  contract('a task comes back as it ended, with what Postgres can store of its text', async ({ database, tasks }) => {
    expect(await tasks.start('t1', zoe, task(), 60)).toMatchObject({ status: 'running', result: null, attempts: [] })
    const finished = await tasks.finish('t1', answered, 0.85)
    expect(finished).toMatchObject({
      task_id: 't1',
      status: 'completed',
      agent: 'claude',
      result: 'Zoë 🎲 \ufffd',
      tokens: { input: 30, output: 15, total: 45, estimated: false },
      cost_usd: 0.75,
      quality: { score: 0.8, threshold: 0.85, passed: false },
      attempts: [{ agent: 'claude', outcome: 'poor', calls: 3, error: 'poor' }],
    })
    await expect(tasks.find('t1', zoe)).resolves.toEqual(finished)
    // Its end is its end.
    expect(await tasks.finish('t1', unanswered, 0.85)).toBeUndefined()
    await tasks.start('t2', zoe, task(), 60)
    expect(await tasks.finish('t2', unanswered, 0.85)).toMatchObject({
      status: 'failed',
      error_code: 'AGENTS_UNAVAILABLE',
      error: 'No agent answered. gemini: The circuit is open.',
    })
    expect(await eventsOf(database)).toEqual([
      ['t1', 'task_started'],
      ['t1', 'task_completed'],
      ['t2', 'task_started'],
      ['t2', 'task_failed'],
    ])
  })

  contract('lists are newest first, page by page, each once', async ({ projects, tasks }) => {
    await projects.create('p', zoe, { name: 'p', description: '' })
    for (const id of ['t1', 't2', 't3', 't4', 't5']) await tasks.start(id, zoe, task('p'), 60)
    const first = await tasks.list('p', { limit: 2 })
    expect(first.items.map(({ task_id }) => task_id)).toEqual(['t5', 't4'])
    // What comes between two pages moves nothing.
    await tasks.start('t6', zoe, task('p'), 60)
    const second = await tasks.list('p', { limit: 3, before: decodeCursor(first.next!)! })
    expect(second.items.map(({ task_id }) => task_id)).toEqual(['t3', 't2', 't1'])
    expect(second.next).toBeUndefined()

    await projects.create('q', zoe, { name: 'q', description: '' })
    const page = await projects.list(zoe, { limit: 1 })
    expect(page.items.map(({ project_id }) => project_id)).toEqual(['q'])
    const rest = await projects.list(zoe, { limit: 1, before: decodeCursor(page.next!)! })
    expect([rest.items.map(({ project_id }) => project_id), rest.next]).toEqual([['p'], undefined])
  })

  contract('tasks whose time is over are given up, once, also by two at once', async ({ database, tasks }) => {
    await tasks.start('gone', zoe, task(), -1)
    await tasks.start('alive', zoe, task(), 60)
    const counts = await Promise.all([tasks.giveUpOverdue(), tasks.giveUpOverdue()])
    expect(counts.toSorted((one, other) => one - other)).toEqual([0, 1])
    await expect(tasks.find('gone', zoe)).resolves.toMatchObject({ status: 'failed', error_code: 'INTERRUPTED' })
    await expect(tasks.find('alive', zoe)).resolves.toMatchObject({ status: 'running' })
    expect((await eventsOf(database)).filter(([key]) => key === 'gone')).toHaveLength(2)
  })

  contract('nothing of one user is there for another, not even under the same id', async (stores) => {
    const { database, projects, tasks } = stores
    await projects.create('p', zoe, { name: 'secret', description: '' })
    await tasks.start('t', zoe, task('p'), 60)
    expect(await projects.find('p', rival)).toBeUndefined()
    expect((await projects.list(rival, { limit: 10 })).items).toEqual([])
    expect(await projects.remove('p', rival)).toBe(false)
    expect(await tasks.start('t2', rival, task('p'), 60)).toBeUndefined()
    expect(await tasks.find('t', rival)).toBeUndefined()
    expect(await countTasks(database, rival, 24)).toMatchObject({ total: 0 })
    expect(await countTasks(database, zoe, 24)).toMatchObject({ total: 1, running: 1 })
  })

  contract('the summary counts what the tasks came to', async ({ database, tasks }) => {
    expect(await countTasks(database, zoe, 1)).toMatchObject({
      total: 0,
      average_quality: null,
      average_duration_ms: null,
    })
    for (const id of ['t1', 't2', 't3', 't4']) await tasks.start(id, zoe, task(), 60)
    await tasks.finish('t1', answered, 0.85)
    await tasks.finish(
      't2',
      { ...answered, answered: { ...answered.answered!, quality: { score: 1, broken: [] } } },
      0.85,
    )
    await tasks.finish('t3', unanswered, 0.85)
    const counts = await countTasks(database, zoe, 1)
    expect(counts).toMatchObject({
      total: 4,
      running: 1,
      completed: 2,
      failed: 1,
      tokens: { input: 60, output: 30 },
      cost_usd: 1.5,
      average_quality: 0.9,
      average_duration_ms: expect.any(Number),
      completedBy: new Map([['claude', 2]]),
    })
  })
}
