import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { RunEvent, TestResult } from '@keploy-framework/format'
import { expect, onTestFinished, test, vi } from 'vitest'

import { changedFiles, readChanges } from '../discover/changes.ts'
import { findProjects } from '../discover/find-projects.ts'
import { loadFiles } from '../discover/load-files.ts'
import type { Project } from '../model.ts'
import { planParts } from '../plan/plan-parts.ts'
import { project } from '../testing/samples.ts'
import { runSuite } from './run-suite.ts'
import type { SuiteOptions } from './suite-options.ts'

async function folder(files: Record<string, string>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'keploy-suite-')))
  onTestFinished(async () => await rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

const setsOf = (): Promise<string[]> => Promise.resolve(['test-set-0', 'test-set-1'])

async function run(root: string, projects: readonly Project[], parts: Partial<SuiteOptions> = {}) {
  const events: RunEvent[] = []
  const { files } = await loadFiles(projects, { root, setsOf, shownSets: () => 'keploy' })
  const options = {
    root,
    parts: planParts(files),
    title: 'tests',
    env: process.env,
    signal: new AbortController().signal,
  }
  const outcome = await runSuite({ ...options, ...parts }, (event) => events.push(event))
  const tests = outcome.result.sets.flatMap((set) => set.tests)
  return {
    ...outcome,
    events,
    tests,
    verdicts: tests.map((each) => `${each.status} ${each.file} > ${each.name}`).toSorted(),
  }
}

const node = (body: string): string => `import { test } from 'node:test'\nimport assert from 'node:assert'\n${body}\n`

test('projects are found by what files import, and their tests run with the events of a replay', async () => {
  const root = await folder({
    'package.json': '{ "jest": {} }',
    'a.test.mjs': node(`test('a', () => {})`),
    'test_b.py': '',
    'c.test.js': '',
    'node_modules/d.test.mjs': node(''),
    '__tests__/e.js': '',
  })
  const found = await findProjects(root, ['test-set-0'])
  expect(found.map(({ kind, files }) => [kind, files])).toEqual([
    ['jest', ['__tests__/e.js', 'c.test.js']],
    ['node-test', ['a.test.mjs']],
    ['pytest', ['test_b.py']],
    ['recorded', ['test-set-0']],
  ])
  const { result, events, history } = await run(
    root,
    found.filter(({ kind }) => kind === 'node-test'),
  )
  expect(result).toMatchObject({ status: 'passed', summary: { total: 1, passed: 1 } })
  expect(events.map(({ type }) => type)).toEqual([
    'run-started',
    'step',
    'set-started',
    'test-finished',
    'set-finished',
    'run-finished',
  ])
  expect(history).toMatchObject([{ tests: [{ file: 'node:a.test.mjs', name: 'a', status: 'passed' }] }])
})

test('coverage of several parts is one, without test files', async () => {
  const root = await folder({
    'src/a.mjs': 'export const a = 1\nexport const b = () => {\n  return 2\n}\n',
    'unit/a.test.mjs': node(`import { a } from '../src/a.mjs'\ntest('a', () => assert.equal(a, 1))`),
    'e2e/b.test.mjs': node(`import { b } from '../src/a.mjs'\ntest('b', () => assert.equal(b(), 2))`),
  })
  const projects = ['unit', 'e2e'].map((name) =>
    project({ name, kind: 'node-test', directory: root, files: [`${name}/*`] }),
  )
  const { coverage, result } = await run(root, projects, {
    coverage: true,
    coverageThreshold: 90,
    parallel: 2,
    workers: 2,
  })
  expect([...(coverage?.hits.keys() ?? [])]).toEqual(['src/a.mjs'])
  expect(coverage?.summary).toMatchObject({ lines: 4, covered: 4 })
  expect(result.status).toBe('passed')
  const low = await run(root, projects.slice(0, 1), { coverage: true, coverageThreshold: 90 })
  expect(low.result.status).toBe('failed')
  expect(low.events).toContainEqual(
    expect.objectContaining({ type: 'notice', level: 'error', code: 'KEPLOY_RUN_COVERAGE' }),
  )
})

test('commands are judged by their exit code or their report, and texts are cleaned before they are told', async () => {
  const root = await folder({ 'a.txt': '', 'b.txt': '' })
  const command = (name: string, parts: Partial<Project>) =>
    project({ name, kind: 'command', directory: root, category: 'unit', files: [], ...parts })
  const { verdicts, tests } = await run(
    root,
    [
      command('each', { command: 'test {files} != b.txt', files: ['a.txt'] }),
      command('whole', { command: 'echo token-1; exit 3' }),
      command('report', { command: `echo '<testsuite><testcase name="x"/></testsuite>' > r.xml`, report: 'r.xml' }),
      command('none', { command: 'true', report: 'none.xml' }),
      command('slow', { command: 'sleep 1000 & wait', timeoutMs: 500 }),
      command('covered', { command: 'true', coverage: 'none.info' }),
    ],
    { clean: (text) => text.replaceAll('token-1', '{{secret.1}}'), coverage: true },
  )
  expect(verdicts).toEqual([
    'failed none > none',
    'failed slow > slow',
    'failed whole > whole',
    'passed a.txt > each',
    'passed covered > covered',
    'passed report > x',
  ])
  expect(tests.find(({ name }) => name === 'whole')?.failures[0]?.message).toBe(
    'It ended with exit code 3.\n{{secret.1}}',
  )
  expect(tests.find(({ name }) => name === 'slow')?.failures[0]?.kind).toBe('timeout')
})

const replayed = (set: string, status: TestResult['status']): TestResult => ({
  set,
  name: 'get-1',
  suite: 'Things',
  file: `${set}/tests/get-1.yaml`,
  status,
  method: 'GET',
  path: '/things',
  durationMs: 1,
  attempts: 1,
  failures: [],
  bound: [],
  rules: [],
  tags: [],
})

test('recorded sets are replayed by what is handed in; a set without tests, and a replay that failed as a whole, have failed', async () => {
  const root = await folder({})
  const projects = [project({ name: 'api', kind: 'recorded', directory: root, files: ['*'], category: 'integration' })]
  const mocks = { served: 2, missed: 0, unused: 1 }
  const { verdicts, result } = await run(root, projects, {
    recorded: () => Promise.resolve({ tests: [replayed('test-set-0', 'passed')], mocks }),
  })
  expect(verdicts).toEqual([
    'failed keploy/test-set-1 > keploy/test-set-1',
    'passed keploy/test-set-0/tests/get-1.yaml > get-1',
  ])
  expect(result.mocks).toEqual(mocks)
  const tests = ['test-set-0', 'test-set-1'].map((set) => replayed(set, 'passed'))
  const whole = await run(root, projects, {
    recorded: () => Promise.resolve({ tests, mocks, problem: 'a mock was not used' }),
  })
  expect(whole.result).toMatchObject({ status: 'failed', summary: { passed: 2, failed: 1 } })
  const unable = await run(root, projects, { recorded: () => Promise.reject(new Error('no such service')) })
  expect(unable.result).toMatchObject({ status: 'failed', summary: { failed: 2 } })
  expect(unable.tests[0]?.failures[0]?.message).toBe('no such service')
})

test('a run that is interrupted says what was not run, and leaves no process', async () => {
  const root = await folder({})
  const interruption = new AbortController()
  const command = 'sleep 1000 & echo $! > pid; wait'
  const projects = ['a', 'b'].map((name) =>
    project({ name, kind: 'command', directory: root, category: 'unit', files: [], command }),
  )
  const running = run(root, projects, { signal: interruption.signal })
  const pid = await vi.waitUntil(
    async () => Number(await readFile(join(root, 'pid'), 'utf8').catch(() => '')) || undefined,
    {
      timeout: 30_000,
    },
  )
  interruption.abort()
  const { result, tests, events } = await running
  expect(result.status).toBe('interrupted')
  expect(tests.map(({ status, failures }) => [status, failures[0]?.message])).toEqual([
    ['skipped', 'The run was interrupted.'],
    ['skipped', 'The run was interrupted.'],
  ])
  expect(events.at(-1)?.type).toBe('run-finished')
  await vi.waitUntil(() => !isAlive(pid), { timeout: 30_000 })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a runner that is not installed is named before anything runs', async () => {
  const root = await folder({ 'unit/a.test.js': '' })
  for (const kind of ['vitest', 'jest'] as const) {
    const projects = [project({ kind, directory: root, files: ['unit/*'] })]
    await expect(run(root, projects)).rejects.toMatchObject({ code: 'KEPLOY_RUN_NO_RUNNER' })
  }
  const twice = [project({ directory: root }), project({ directory: root })]
  await expect(run(root, twice)).rejects.toMatchObject({ code: 'KEPLOY_RUN_PROJECT' })
})

test('Git says which files were changed, and imports and names lead from them to tests', async () => {
  const root = await folder({
    'src/a.ts': '',
    'src/b.ts': '',
    'src/c.py': '',
    'unit/a.test.ts': '',
    'unit/x.test.ts': `import { b } from '../src/b.ts'`,
    'unit/y.test.ts': '',
    'unit/test_z.py': 'from src.c import z',
  })
  expect(await readChanges(root)).toEqual({ paths: [] })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.email=a@example.com', '-c', 'user.name=a', ...args], { cwd: root })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-q', '-m', 'x')
  const clean = await readChanges(root)
  expect(clean.paths).toEqual([])
  for (const name of ['src/a.ts', 'src/b.ts', 'src/c.py']) await writeFile(join(root, name), '1')
  await mkdir(join(root, 'out'))
  await writeFile(join(root, 'out/report.json'), '1')
  const changes = await readChanges(root, ['out'])
  expect(changes.paths).toEqual(['src/a.ts', 'src/b.ts', 'src/c.py'])
  expect(changes.revision).not.toBe(clean.revision)
  expect(await readChanges(root, ['out'])).toEqual(changes)
  const projects = [
    project({ directory: root, files: ['**/*.test.ts'] }),
    project({ name: 'py', kind: 'pytest', directory: root, files: ['**/test_*.py'] }),
  ]
  const { files } = await loadFiles(projects, { root, setsOf, shownSets: () => 'keploy' })
  const changed = await changedFiles(root, files, changes)
  expect(files.filter(changed).map(({ path }) => path)).toEqual(['unit/a.test.ts', 'unit/x.test.ts', 'unit/test_z.py'])
})
