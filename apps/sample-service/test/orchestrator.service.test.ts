/**
 * @marker data_pipeline
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: tasks that end, whichever process dies
 * Impact: a mistake here would be copied into many services
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { kafka, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { developer, signToken } from '../src/auth/development-tokens.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { storesOf, taskStoreContract } from './contracts/task-stores.ts'
import { runPlatform } from './platform-process.ts'
import { taskClient } from './task-client.ts'

const fixtures = startFixtures({ kafka: kafka(), redis: redis(), postgres: postgres() })
// The start of a broker takes longer than a test on a busy machine.
beforeAll(async () => {
  await (await fixtures.acquire('kafka')).release()
}, 180_000)
afterAll(() => fixtures.close())
const within = { timeout: 40_000, interval: 50 }

taskStoreContract('Postgres', async (work) => {
  await using lease = await fixtures.acquire('postgres')
  await using database = await openDatabase(lease.url)
  await work(storesOf(database))
})

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'orchestrator-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const SECRET = 'a secret of at least thirty-two bytes'
const prompt = 'Do the review of this task'

test('two orchestrators share tasks and their events; an outage of Redis is told, and one that is killed leaves no task running', async () => {
  await using folder = await temporaryFolder()
  await using broker = await fixtures.acquire('kafka')
  await using cache = await fixtures.acquire('redis')
  await using db = await fixtures.acquire('postgres')
  const script = `process.stdin.on('data', (chunk) => console.log('The program has read: ' + chunk))`
  const agents = {
    claude: { kind: 'command', command: [process.execPath, '-e', script] },
    // Never done; it ends when nobody reads what it writes.
    gemini: { kind: 'command', command: [process.execPath, '-e', `setInterval(() => console.log('still busy'), 100)`] },
  }
  const file = join(folder.path, 'agents.json')
  await writeFile(file, JSON.stringify({ agents }))
  const env = {
    POSTGRES_DSN: db.url,
    REDIS_URL: cache.url,
    KAFKA_BOOTSTRAP_SERVERS: broker.url,
    KAFKA_TOPIC_PREFIX: broker.prefix,
    AUTH_SECRET: SECRET,
    AGENTS_FILE: file,
  }
  const token = await signToken(developer, new TextEncoder().encode(SECRET), 3600)
  await using one = await runPlatform(['--role', 'orchestrator'], env)
  await using other = await runPlatform(['--role', 'orchestrator'], env)
  expect(one.line).toContain('(orchestrator: Postgres, Kafka, Redis)')
  const [here, there] = [taskClient(one.url, token), taskClient(other.url, token)]

  await using events = await there.follow('global')
  const { body: project } = await here.post('/api/projects', { name: 'shared' })
  const { status, body: task } = await here.execute({ type: 'security', prompt, project_id: project.project_id })
  expect([status, task.agent, task.result]).toEqual([200, 'claude', `The program has read: ${prompt}`])
  await expect.poll(() => events.typesOf(task.task_id), within).toEqual(['task_started', 'task_completed'])
  await expect(there.get(`/api/projects/${project.project_id}/tasks`)).resolves.toMatchObject({
    body: { tasks: [task] },
  })
  await broker.topic('task.events').expect({ key: task.task_id, value: { event: { type: 'task_completed' } } })

  const health = async () => (await here.get('/api/health')).body
  await expect
    .poll(health, within)
    .toMatchObject({ status: 'healthy', database: { status: 'up' }, redis: { status: 'up' } })
  await cache.faults.stop()
  await expect.poll(health, within).toMatchObject({ status: 'degraded', redis: { status: 'down' } })
  expect((await here.execute({ type: 'security', prompt })).status).toBe(200)
  await cache.faults.start()
  await expect.poll(health, within).toMatchObject({ status: 'healthy', redis: { status: 'up' } })

  // The program behind gemini never answers; its process is killed with the task under way.
  const lost = here.execute({ type: 'simple', prompt, project_id: project.project_id }).catch((error: unknown) => error)
  await expect.poll(() => events.events.at(-1)?.type, within).toBe('task_started')
  const orphan = events.events.at(-1)!.task_id
  await one.stop('SIGKILL')
  expect(await lost).toBeInstanceOf(Error)
  await db.sql`update tasks set deadline_at = now() - interval '1 second' where task_id = ${orphan}`
  await using successor = await runPlatform(['--role', 'orchestrator'], env)
  expect(successor.url).not.toBe(one.url)
  await expect.poll(() => events.typesOf(orphan), within).toEqual(['task_started', 'task_failed'])
  expect((await there.get(`/api/tasks/${orphan}`)).body).toMatchObject({ status: 'failed', error_code: 'INTERRUPTED' })

  expect(await there.delete(`/api/projects/${project.project_id}`)).toBe(204)
  expect(await db.sql`select task_id from tasks where project_id is not null`).toEqual([])
  expect(await other.stop()).toEqual([0, null])
}, 180_000)
