import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

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
