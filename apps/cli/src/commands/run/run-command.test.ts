import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { freePort } from '../../cli/ports.ts'
import { runInMemory } from '../../testing/run-in-memory.ts'

async function folder(files: Record<string, string>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'keploy-run-command-')))
  onTestFinished(async () => await rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

const passing = (name: string): string => `import { test } from 'node:test'\ntest('${name}', () => {})\n`
const recorded = `version: api.keploy.io/v1beta1
kind: Http
name: get-1
spec:
  req: { method: GET, proto_major: 1, proto_minor: 1, url: 'http://localhost:8000/', header: { Host: 'localhost:8000' }, body: '' }
  resp: { status_code: 200, header: { Content-Type: text/plain }, body: ok, status_message: OK, proto_major: 0, proto_minor: 0 }
`
const service = `require('node:http').createServer((_, response) => {
  response.setHeader('content-type', 'text/plain').end('ok')
}).listen(process.env.PORT, '127.0.0.1')`

const env = { PATH: process.env['PATH'] ?? '' }

test('unit tests and recorded sets are one run, with its files and its history', async () => {
  const cwd = await folder({
    'unit/a.test.mjs': passing('a'),
    'keploy/test-set-0/tests/get-1.yaml': recorded,
    'service.cjs': service,
    'keploy.yml': `command: "'${process.execPath}' service.cjs"\n`,
  })
  const { code, stderr } = await runInMemory(
    ['run', '--dynamic-ports', '--coverage', '--reporter', 'json,junit', '--output', 'out'],
    { cwd, env },
  )
  const report = JSON.parse(await readFile(join(cwd, 'out/report.json'), 'utf8')) as unknown
  expect(report, stderr).toMatchObject({ status: 'passed', summary: { total: 2, passed: 2 } })
  expect(code).toBe(0)
  expect((await readdir(join(cwd, 'out'))).toSorted()).toEqual([
    'codecov.json',
    'junit.xml',
    'lcov.info',
    'report.json',
    'sonar-coverage.xml',
    'sonar-tests.xml',
  ])
  expect((await readdir(join(cwd, 'keploy/reports'))).toSorted()).toEqual(['history', 'test-run-0'])
})

test('--list says what would run and why, as text and as data', async () => {
  const cwd = await folder({
    'unit/a.test.mjs': `// @marker redis\n${passing('a')}`,
    'unit/b.test.mjs': passing('b'),
    'mission-critical/c.test.mjs': passing('c'),
    'performance/d.test.mjs': passing('d'),
  })
  const text = await runInMemory(['run', '--list', '--marker', 'redis'], { cwd, env })
  expect(text.stdout).toBe(`mission_critical  node  mission-critical/c.test.mjs  (mission-critical)
unit              node  unit/a.test.mjs  (redis)
left out          node  performance/d.test.mjs  (category performance is not asked for)
left out          node  unit/b.test.mjs  (its markers do not fit)

2 files; 2 left out
Mix: unit 2 (100 %, aim 70 %), integration 0 (0 %, aim 20 %), e2e 0 (0 %, aim 10 %)
`)
  const data = await runInMemory(['run', '--list', '--json', '--execution-mode', 'fast_feedback'], { cwd, env })
  expect(JSON.parse(data.stdout)).toMatchObject({
    version: 1,
    files: [
      { file: 'mission-critical/c.test.mjs', critical: true },
      { file: 'unit/a.test.mjs' },
      { file: 'unit/b.test.mjs' },
    ],
    leftOut: [{ file: 'performance/d.test.mjs', reason: 'category performance is not asked for' }],
    mix: { unit: 2, mission_critical: 1, performance: 1 },
  })
})

test('filters that leave nothing end with exit code 4', async () => {
  const cwd = await folder({ 'unit/a.test.mjs': passing('a') })
  for (const words of [['--category', 'e2e'], ['--marker', 'redis'], ['--last-failed'], ['--test-file', 'none.mjs']]) {
    const { code, stderr } = await runInMemory(['run', ...words], { cwd, env })
    expect(stderr).toContain('KEPLOY_NOTHING_TO_RUN')
    expect(code).toBe(4)
  }
})

test('--real-llm asks the API about the key before anything runs', async () => {
  const cwd = await folder({
    'unit/a.test.mjs': `import assert from 'node:assert'\nimport { test } from 'node:test'\ntest('a', () => assert.equal(process.env.ENABLE_REAL_API_TESTS, 'true'))`,
  })
  const server = createServer((request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer good' ? 200 : 401).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const OPENAI_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const run = async (OPENAI_API_KEY: string) =>
    await runInMemory(['run', '--real-llm'], { cwd, env: { ...env, OPENAI_BASE_URL, OPENAI_API_KEY } })
  const refused = await run('bad')
  expect(refused.stderr).toContain('does not take the key in OPENAI_API_KEY')
  expect(refused.code).toBe(2)
  expect((await run('good')).code).toBe(0)
})

test('a quarantine file that is no list, and one that cannot be read, are refused', async () => {
  const cwd = await folder({ 'unit/a.test.mjs': passing('a'), 'keploy.yml': 'run: { quarantineFile: q.yml }\n' })
  for (const [text, problem] of [
    [undefined, 'ENOENT'],
    ['a: 1', 'it is no list'],
    ['- x', 'it is no list'],
    ['- { test: a }', 'has no reason'],
  ] as const) {
    if (text !== undefined) await writeFile(join(cwd, 'q.yml'), text)
    const { code, stderr } = await runInMemory(['run'], { cwd, env })
    expect(stderr).toContain(problem)
    expect(code).toBe(2)
  }
})

test('runners are told that they run a part of a run', async () => {
  const cwd = await folder({
    'unit/a.test.mjs': `import assert from 'node:assert'\nimport { test } from 'node:test'\ntest('a', () => assert.equal(process.env.KEPLOY_RUN, 'true'))`,
  })
  const { code, stdout } = await runInMemory(['run', '--json'], { cwd, env })
  expect(code, stdout).toBe(0)
})

test('whenever a run leaves reports, the tests are there for SonarQube and Codecov too', async () => {
  const cwd = await folder({ 'unit/a.test.mjs': passing('adds') })
  await runInMemory(['run', '--reporter', 'html', '--output', 'out'], { cwd, env })
  expect((await readdir(join(cwd, 'out'))).toSorted()).toEqual(['junit.xml', 'report.html', 'sonar-tests.xml'])
  expect(await readFile(join(cwd, 'out/sonar-tests.xml'), 'utf8')).toContain('<file path="unit/a.test.mjs">')
  expect(await readFile(join(cwd, 'out/junit.xml'), 'utf8')).toContain('name="adds"')
  const plain = await runInMemory(['run', '--json'], { cwd, env })
  expect(JSON.parse(plain.stdout)).toMatchObject({ status: 'passed' })
  expect(await readdir(cwd)).not.toContain('keploy-report')
})

test('recorded sets of several services are replayed with the command, the folder and the port of each', async () => {
  const port = await freePort()
  const cwd = await folder({
    'shop/keploy/test-set-0/tests/get-1.yaml': recorded,
    'shop/service.cjs': service,
    'users/keploy/test-set-0/tests/get-1.yaml': recorded.replace('body: ok', 'body: user'),
    'users/service.cjs': service.replace("end('ok')", `end(process.env.PORT === '${port}' ? 'user' : 'wrong port')`),
    'keploy.yml': `
services:
  - { name: shop, command: "'${process.execPath}' service.cjs", port: ${await freePort()}, path: shop }
  - { name: users, command: "'${process.execPath}' service.cjs", port: ${port}, path: users }
run:
  projects:
    - { name: shop, kind: recorded, service: shop }
    - { name: users, kind: recorded, service: users }
`,
  })
  const { code, stdout, stderr } = await runInMemory(['run', '--json'], { cwd, env })
  expect(JSON.parse(stdout), stderr).toMatchObject({
    status: 'passed',
    summary: { total: 2, passed: 2 },
    sets: [
      { name: 'shop/test-set-0', tests: [{ file: 'shop/keploy/test-set-0/tests/get-1.yaml' }] },
      { name: 'users/test-set-0', tests: [{ file: 'users/keploy/test-set-0/tests/get-1.yaml' }] },
    ],
  })
  expect(code).toBe(0)
})

test('a project of recorded sets with a service that is not configured is refused by name', async () => {
  const cwd = await folder({
    'keploy/test-set-0/tests/get-1.yaml': recorded,
    'keploy.yml': 'run: { projects: [{ name: api, kind: recorded, service: shop }] }\n',
  })
  const { code, stderr } = await runInMemory(['run'], { cwd, env })
  expect(stderr).toContain('There is no service "shop" in keploy.yml.')
  expect(code).toBe(2)
})

test('--force-recreate removes what an ended run kept, and lets tests use no server that runs already', async () => {
  const ended = spawn(process.execPath, ['-e', '0'])
  await once(ended, 'exit')
  const cwd = await folder({
    'unit/a.test.mjs': `import assert from 'node:assert'\nimport { test } from 'node:test'\ntest('a', () => assert.equal(process.env.KEPLOY_FIXTURES_REDIS_URL, undefined))`,
    'fixtures/runs/kept-run/kept': '',
    'fixtures/runs/kept-run/owner.json': JSON.stringify({ pid: ended.pid, identity: 'x', host: hostname() }),
  })
  const given = {
    ...env,
    KEPLOY_FIXTURES_DIR: join(cwd, 'fixtures'),
    KEPLOY_FIXTURES_REDIS_URL: 'redis://127.0.0.1:6379',
    DOCKER_HOST: 'unix:///nonexistent.sock',
  }
  expect((await runInMemory(['run'], { cwd, env: given })).code).toBe(1)
  const { code, stderr } = await runInMemory(['run', '--force-recreate'], { cwd, env: given })
  expect(stderr).toContain('Removed what 1 run left')
  expect(stderr).toContain('Not used, since it runs already: KEPLOY_FIXTURES_REDIS_URL.')
  expect(await readdir(join(cwd, 'fixtures/runs'))).toEqual([])
  expect(code).toBe(0)
})

test('--force-recreate starts the service for each recorded set, whatever keepAppAlive says', async () => {
  const cwd = await folder({
    'keploy/test-set-0/tests/get-1.yaml': recorded.replace('body: ok', "body: '1'"),
    'keploy/test-set-1/tests/get-1.yaml': recorded.replace('body: ok', "body: '1'"),
    'service.cjs': `let asked = 0\n${service.replace("end('ok')", 'end(String(++asked))')}`,
    'keploy.yml': `command: "'${process.execPath}' service.cjs"\ntest: { keepAppAlive: true }\n`,
  })
  expect((await runInMemory(['run', '--dynamic-ports'], { cwd, env })).code).toBe(1)
  const { code, stdout } = await runInMemory(['run', '--dynamic-ports', '--force-recreate'], { cwd, env })
  expect(code, stdout).toBe(0)
})

test('the unified runner has every option that was asked of it', async () => {
  const { stdout } = await runInMemory(['run', '--help'])
  const asked =
    'category marker last-failed real-services real-llm dynamic-ports force-recreate parallel execution-mode workers coverage coverage-threshold fail-fast fast-fail test-file list repeat'
  for (const name of asked.split(' ')) expect(stdout).toMatch(new RegExp(`^ +--${name}\\b`, 'm'))
  for (const mode of ['fast_feedback', 'nightly', 'full']) expect(stdout).toContain(mode)
})
