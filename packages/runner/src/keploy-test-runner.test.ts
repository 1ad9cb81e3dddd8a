import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { RunEvent, RunResult } from '@keploy-framework/format'
import { expect, it } from 'vitest'

import { KeployTestRunner } from './keploy-test-runner.ts'
import { loadPlan } from './plan/load-plan.ts'
import { listen, tempFolder } from './testing/servers.ts'

async function writeTests(folder: string, files: Record<string, string>): Promise<string> {
  const directory = join(folder, 'keploy')
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return directory
}

const testFile = (name: string, path: string, second: number): string => `version: api.keploy.io/v1beta1
kind: Http
name: ${name}
spec:
  metadata: {}
  req:
    method: GET
    proto_major: 1
    proto_minor: 1
    url: http://localhost:8080${path}
    header:
      Host: localhost:8080
    body: ""
    timestamp: 2026-01-01T00:00:0${second}Z
  resp:
    status_code: 200
    header:
      Content-Type: text/plain
    body: ok
    status_message: OK
    timestamp: 2026-01-01T00:00:0${second}Z
  objects: []
  assertions: {}
  created: 0
`

const api = (): ReturnType<typeof listen> =>
  listen((request, response) => {
    response.writeHead(request.url === '/bad' ? 500 : 200, { 'Content-Type': 'text/plain' })
    response.end('ok')
  })

it('runs every set of a folder in order, validates and reports', async () => {
  await using folder = await tempFolder()
  await using server = await api()
  const directory = await writeTests(folder.path, {
    'test-set-0/tests/z.yaml': testFile('first', '/', 1),
    'test-set-0/tests/a.yaml': testFile('second', '/bad', 2),
    'test-set-1/tests/b.yaml': testFile('third', '/', 1),
  })
  const reported: RunResult[] = []
  const runner = new KeployTestRunner({
    apiUrl: server.url,
    directory,
    report: async (result) => void reported.push(result),
  })
  const events: RunEvent[] = []
  const stream = runner.events
  const reading = (async () => {
    for await (const event of stream) events.push(event)
  })()
  const result = await runner.runAllTests({ generateReport: true })
  await reading
  expect(result.sets.flatMap((set) => set.tests.map(({ name, status, file }) => `${file} ${name} ${status}`))).toEqual([
    'test-set-0/tests/z.yaml first passed',
    'test-set-0/tests/a.yaml second failed',
    'test-set-1/tests/b.yaml third passed',
  ])
  expect(result.summary).toMatchObject({ total: 3, passed: 2, failed: 1 })
  expect(reported).toEqual([result])
  expect(events.at(-1)).toMatchObject({ type: 'run-finished', result })
  await expect(runner.runAllTests({ validate: true })).rejects.toThrow(/at least 100 %/)
})

it('tells an unreadable file as a failed test with its line, and goes on', async () => {
  await using folder = await tempFolder()
  await using server = await api()
  const directory = await writeTests(folder.path, {
    'test-set-0/tests/bad.yaml': 'version: api.keploy.io/v1beta1\nkind: Http\nname: [\n',
    'test-set-0/tests/good.yaml': testFile('good', '/', 1),
  })
  const result = await new KeployTestRunner({ apiUrl: server.url, directory }).runAllTests()
  expect(result.sets[0]?.tests.map(({ name, status }) => [name, status])).toEqual([
    ['bad', 'failed'],
    ['good', 'passed'],
  ])
  expect(result.sets[0]?.tests[0]?.failures[0]).toMatchObject({ kind: 'invalid-test' })
  expect(result.sets[0]?.tests[0]?.failures[0]?.message).toMatch(/line \d/)
})

it('fails the run, but does not stop it, when a reporter breaks', async () => {
  await using folder = await tempFolder()
  await using server = await api()
  const directory = await writeTests(folder.path, { 'test-set-0/tests/a.yaml': testFile('first', '/', 1) })
  const broken = {
    name: 'broken',
    onEvent: () => {
      throw new Error('no')
    },
  }
  const result = await new KeployTestRunner({ apiUrl: server.url, directory, reporters: [broken] }).runAllTests()
  expect(result.status).toBe('failed')
  expect(result.summary.passed).toBe(1)
})

it('selects by the names that tests give themselves', async () => {
  await using folder = await tempFolder()
  const directory = await writeTests(folder.path, {
    'test-set-0/tests/a.yaml': testFile('first', '/', 1),
    'test-set-0/tests/b.yaml': testFile('second', '/', 2),
  })
  const { plan } = await loadPlan(directory, { tests: ['sec*'] })
  expect(plan.sets[0]?.tests.map(({ name, index }) => [name, index])).toEqual([['second', 1]])
  expect((await loadPlan(directory)).plan.total).toBe(2)
  await expect(loadPlan(join(folder.path, 'nowhere'))).rejects.toThrow(/nowhere/)
})

it('shows no secret of a failing test', async () => {
  await using folder = await tempFolder()
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ'
  await using server = await listen((_request, response) => {
    response.writeHead(500, { 'Content-Type': 'application/json', 'Set-Cookie': `session=${token}` })
    response.end(JSON.stringify({ password: 'hunter2hunter2', token }))
  })
  const directory = await writeTests(folder.path, { 'test-set-0/tests/a.yaml': testFile('first', '/', 1) })
  const events: RunEvent[] = []
  const result = await new KeployTestRunner({
    apiUrl: server.url,
    directory,
    reporters: [{ name: 'all', onEvent: (event) => void events.push(event) }],
  }).runAllTests()
  expect(result.status).toBe('failed')
  const shown = JSON.stringify([result, events])
  expect(shown).not.toContain('hunter2hunter2')
  expect(shown).not.toContain(token)
})
