import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { completion, startCompletionServer } from '../../test/completion-server.ts'
import { storesOf, taskStoreContract } from '../../test/contracts/task-stores.ts'
import { tokenOf } from '../../test/follow-session.ts'
import { taskClient } from '../../test/task-client.ts'
import { readAgentsConfig } from '../agents/agents-config.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'

const within = { timeout: 30_000, interval: 20 }
const GOOD = 'The review of this task found nothing to change.'
const prompt = 'Do the review of this task'
/** Prompts say how the agent behind the endpoint is today. */
const ILL = 'ILL: do the review of this task'

let platform: Platform
let endpoint: Awaited<ReturnType<typeof startCompletionServer>>
let zoe: ReturnType<typeof taskClient>
let mallory: ReturnType<typeof taskClient>

beforeAll(async () => {
  // claude is a program, gemini an endpoint, and copilot is stood in for.
  endpoint = await startCompletionServer(({ body }) =>
    body.messages[0]!.content.startsWith('ILL') ? { status: 500, body: 'ill' } : completion(GOOD),
  )
  const script = `
    let text = ''
    const { existsSync } = require('node:fs')
    const wait = (gate, done) => (existsSync(gate) ? done() : setTimeout(wait, 20, gate, done))
    process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
      if (text.startsWith('ILL')) process.exit(1)
      const gate = /^WAIT (\\S+)/.exec(text)?.[1]
      if (gate) return void wait(gate, () => console.log('Waited: ' + text))
      console.log('The program has read: ' + text)
    })`
  const read = readAgentsConfig(
    JSON.stringify({
      agents: {
        claude: {
          kind: 'command',
          command: [process.execPath, '-e', script],
          price: { input_per_1k: 1, output_per_1k: 2 },
        },
        gemini: { kind: 'endpoint', base_url: endpoint.baseUrl, model: 'm' },
      },
      backoff_ms: 1,
      breaker: { threshold: 100 },
    }),
  )
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  const agents = { config: read.config, env: process.env }
  platform = await startPlatform({ settings: { ...defaultSettings(), port: 0, logLevel: 'silent', agents } })
  zoe = taskClient(platform.url!, await tokenOf(platform.url!, { id: 'user', tenant: 'clinic' }))
  mallory = taskClient(platform.url!, await tokenOf(platform.url!, { id: 'user', tenant: 'rival' }))
}, 60_000)
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await endpoint[Symbol.asyncDispose]()
})

describe('POST /api/orchestration/execute', () => {
  test('a task is run by the agent of its type; the answer carries tokens, cost and quality', async () => {
    const { status, body } = await zoe.execute({ type: 'security', prompt })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'completed',
      agent: 'claude',
      result: `The program has read: ${prompt}`,
      simulated: false,
      tokens: { input: 7, output: 12, total: 19, estimated: true },
      cost_usd: 0.031,
      quality: { score: 1, threshold: 0.85, passed: true },
      attempts: [{ agent: 'claude', outcome: 'answered', calls: 1, error: null }],
      error: null,
    })
    const simple = await zoe.execute({ type: 'simple', prompt })
    expect(simple.body).toMatchObject({
      agent: 'gemini',
      result: GOOD,
      tokens: { total: 1500, estimated: false },
      cost_usd: null,
    })
    await expect(zoe.get(`/api/tasks/${body.task_id}`)).resolves.toEqual({ status: 200, body })
  })

  test('agents that fail are not asked again; the stand-in says what it is', async () => {
    const { body } = await zoe.execute({ type: 'simple', prompt: ILL })
    expect(body).toMatchObject({
      agent: 'copilot',
      simulated: true,
      model: 'local deterministic model',
      attempts: [
        { agent: 'gemini', outcome: 'failed', calls: 3, error: expect.stringContaining('answered 500: ill') },
        { agent: 'claude', outcome: 'failed', calls: 3, error: expect.stringContaining('ended with 1') },
        { agent: 'copilot', outcome: 'answered', calls: 1 },
      ],
    })
    expect(body.result).toContain('not a language model')
  })

  test.each([
    ['a type that there is not', { type: 'magic', prompt }, 'body.type'],
    ['no prompt', { type: 'simple' }, 'body.prompt: Field required'],
    ['an empty prompt', { type: 'simple', prompt: '' }, 'body.prompt'],
    ['text that cannot be stored', { type: 'simple', prompt: 'a\0b' }, 'body.prompt: Text cannot be stored'],
    ['a wrong project', { type: 'simple', prompt, project_id: '../x' }, 'body.project_id'],
    ['half a JSON', '{"type":', 'The body is not valid JSON'],
    ['a list', [], 'body'],
  ])('%s is a 400 VALIDATION_ERROR', async (_what, wish, error) => {
    const { status, body } = await zoe.post('/api/orchestration/execute', wish)
    expect([status, body]).toEqual([
      400,
      { error: expect.stringContaining(error), error_code: 'VALIDATION_ERROR', details: expect.any(Array) },
    ])
  })

  test('ten tasks of a user run at once; the eleventh waits until one of them has ended', async () => {
    await using client = await zoe.follow('global')
    const folder = await mkdtemp(join(tmpdir(), 'ten-tasks-'))
    const wish = { type: 'security', prompt: `WAIT ${join(folder, 'gate')} ${prompt}` }
    const asked = Array.from({ length: 11 }, () => zoe.execute(wish))
    await expect.poll(() => client.events.length, within).toBe(10)
    await writeFile(join(folder, 'gate'), '')
    const answers = await Promise.all(asked)
    await rm(folder, { recursive: true })
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await expect.poll(() => client.events.length, within).toBe(22)
    const types = client.events.map(({ type }) => type)
    expect(types.slice(0, 10)).toEqual(Array(10).fill('task_started'))
    expect(types.indexOf('task_completed')).toBeLessThan(types.lastIndexOf('task_started'))
  }, 60_000)

  test('a task for a project that there is not is 404, and nothing is stored', async () => {
    const answer = await zoe.execute({ type: 'simple', prompt, project_id: 'nowhere' })
    expect(answer).toEqual({ status: 404, body: { error: 'Project not found', error_code: 'NOT_FOUND' } })
  })
})

describe('projects', () => {
  test('are created, listed newest first, and hold their tasks, until they are deleted with them', async () => {
    const { status, body: project } = await zoe.post('/api/projects', { name: 'Übersicht' })
    expect([status, project]).toMatchObject([201, { name: 'Übersicht', description: '' }])
    const { body: second } = await zoe.post('/api/projects', { name: 'second', description: 'd' })
    const page = await zoe.get('/api/projects?limit=1')
    expect(page.body).toEqual({ projects: [second], next: expect.any(String) })
    const rest = await zoe.get(`/api/projects?limit=1&before=${page.body.next}`)
    expect(rest.body).toEqual({ projects: [project], next: null })

    const path = `/api/projects/${project.project_id}`
    const ids: string[] = []
    for (let number = 0; number < 3; number++) {
      ids.unshift((await zoe.execute({ type: 'code', prompt, project_id: project.project_id })).body.task_id)
    }
    const tasks = await zoe.get(`${path}/tasks?limit=2`)
    expect(tasks.body.tasks.map(({ task_id }) => task_id)).toEqual(ids.slice(0, 2))
    const last = await zoe.get(`${path}/tasks?limit=2&before=${tasks.body.next}`)
    expect(last.body).toMatchObject({ tasks: [{ task_id: ids[2] }], next: null })

    await expect(zoe.get(path)).resolves.toEqual({ status: 200, body: project })
    expect(await zoe.delete(path)).toBe(204)
    expect(await zoe.delete(path)).toBe(404)
    for (const gone of [path, `${path}/tasks`, `/api/tasks/${ids[0]}`]) expect((await zoe.get(gone)).status).toBe(404)
  })

  test('bad requests are 400s that name the field', async () => {
    expect(await zoe.post('/api/projects', { name: '' })).toMatchObject({
      status: 400,
      body: { error_code: 'VALIDATION_ERROR' },
    })
    expect(await zoe.get('/api/projects?limit=0')).toMatchObject({ status: 400 })
    expect((await zoe.get('/api/projects?before=nonsense')).body.error).toBe('query.before: Not a cursor of this list')
  })
})

describe('health and metrics', () => {
  test('GET /api/health says how database and redis are, to everybody', async () => {
    const { status, body } = await taskClient(platform.url!, undefined).get('/api/health')
    expect([status, body]).toMatchObject([
      200,
      { status: 'healthy', database: { status: 'up' }, redis: { status: 'up' } },
    ])
  })

  test('GET /api/metrics/summary counts the tasks of the user, and shows each circuit', async () => {
    const before = await zoe.get('/api/metrics/summary')
    await zoe.execute({ type: 'simple', prompt })
    const { status, body } = await zoe.get('/api/metrics/summary?hours=1')
    expect(status).toBe(200)
    expect(body.total - before.body.total).toBe(1)
    expect(body.tokens.input - before.body.tokens.input).toBe(1000)
    expect(body.agents).toMatchObject([
      { agent: 'claude', circuit: 'closed', simulated: false },
      { agent: 'gemini', circuit: 'closed', description: expect.stringContaining('m at 127.0.0.1') },
      { agent: 'copilot', circuit: 'closed', simulated: true },
    ])
    expect((await zoe.get('/api/metrics/summary?hours=x')).body.error_code).toBe('VALIDATION_ERROR')
  })
})

describe('WS /ws', () => {
  test('the channel global tells of all tasks of the user, that of a project of its own', async () => {
    const { body: project } = await zoe.post('/api/projects', { name: 'followed' })
    await using everything = await zoe.follow('global')
    await using some = await zoe.follow(`project:${project.project_id}`)
    await using other = await mallory.follow('global')
    const outside = (await zoe.execute({ type: 'code', prompt })).body.task_id
    const inside = (await zoe.execute({ type: 'code', prompt, project_id: project.project_id })).body.task_id
    await expect.poll(() => some.typesOf(inside), within).toEqual(['task_started', 'task_completed'])
    await expect.poll(() => everything.typesOf(inside), within).toEqual(['task_started', 'task_completed'])
    expect(everything.typesOf(outside)).toEqual(['task_started', 'task_completed'])
    expect(some.typesOf(outside)).toEqual([])
    expect(some.events.at(-1)).toMatchObject({
      project_id: project.project_id,
      agent: 'copilot',
      at: expect.any(String),
    })
    // What is sent to others later has not overtaken anything: theirs would have come first.
    const theirs = (await mallory.execute({ type: 'code', prompt })).body.task_id
    await expect.poll(() => other.typesOf(theirs), within).toEqual(['task_started', 'task_completed'])
    expect(other.events.every(({ task_id }) => task_id === theirs)).toBe(true)
  })

  test('a task is told as failed when its project is deleted under it', async () => {
    const { body: project } = await zoe.post('/api/projects', { name: 'short-lived' })
    await using client = await zoe.follow('global')
    const folder = await mkdtemp(join(tmpdir(), 'deleted-task-'))
    const wish = { type: 'security', prompt: `WAIT ${join(folder, 'gate')} ${prompt}` }
    const running = zoe.execute({ ...wish, project_id: project.project_id })
    await expect.poll(() => client.events.map(({ type }) => type), within).toEqual(['task_started'])
    expect(await zoe.delete(`/api/projects/${project.project_id}`)).toBe(204)
    await expect.poll(() => client.events.at(-1), within).toMatchObject({ type: 'task_failed', error_code: 'DELETED' })
    await writeFile(join(folder, 'gate'), '')
    expect(await running).toEqual({
      status: 404,
      body: { error: 'The task was deleted meanwhile', error_code: 'NOT_FOUND' },
    })
    await rm(folder, { recursive: true })
  })

  test('a client that speaks is told that nobody listens', async () => {
    await using client = await zoe.follow('global')
    client.socket.send('hello')
    const [code] = (await once(client.socket, 'close')) as [number]
    expect(code).toBe(1003)
  })

  test.each([
    ['magic', 404],
    ['project:', 404],
  ])('the channel %j is refused with %i', async (channel, status) => {
    expect((await zoe.follow(channel)).status).toBe(status)
  })

  test('without a token nobody follows anything', async () => {
    expect((await taskClient(platform.url!, undefined).follow('global')).status).toBe(401)
  })
})

describe('users are kept apart', () => {
  test('what belongs to one is word for word not there for another', async () => {
    const { body: project } = await zoe.post('/api/projects', { name: 'secret' })
    const { body: task } = await zoe.execute({ type: 'code', prompt, project_id: project.project_id })
    for (const [path, unknown] of [
      [`/api/projects/${project.project_id}`, '/api/projects/unknown'],
      [`/api/projects/${project.project_id}/tasks`, '/api/projects/unknown/tasks'],
      [`/api/tasks/${task.task_id}`, '/api/tasks/unknown'],
    ] as const) {
      expect(await mallory.get(path)).toEqual(await mallory.get(unknown))
      expect((await mallory.get(path)).status).toBe(404)
    }
    expect(await mallory.delete(`/api/projects/${project.project_id}`)).toBe(404)
    expect((await mallory.execute({ type: 'code', prompt, project_id: project.project_id })).status).toBe(404)
    expect(JSON.stringify((await mallory.get('/api/projects')).body)).not.toContain('secret')
  })

  test.each(['/api/projects', '/api/tasks/t', '/api/metrics/summary', '/api/projects/p/tasks'])(
    'GET %s without a token is 401 UNAUTHORIZED',
    async (path) => {
      const { status, body } = await taskClient(platform.url!, undefined).get(path)
      expect([status, body.error_code]).toEqual([401, 'UNAUTHORIZED'])
    },
  )
})

taskStoreContract('embedded Postgres', async (work) => {
  const database = await platform.parts.get('database')
  await sql`truncate projects, tasks, outbox`.execute(database.query)
  await work(storesOf(database))
})
