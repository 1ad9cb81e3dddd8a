/**
 * @marker adversarial
 *
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: mocks that cannot make a run green
 * Impact: a broken release is stopped, a good one is not
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '@keploy-framework/format'
import { describe, expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { httpTest } from './support/http-test.ts'
import { mappingsOf, redisMock } from './support/redis-mock.ts'
import { runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/redis-service.mjs', import.meta.url))
const env = { REDIS_URL: 'redis://127.0.0.1:6379' }
const SET = 'keploy/test-set-0'

const oneTest = httpTest({ url: 'http://localhost:8000/things/a', responseBody: '{"value":"value of a"}' })
const good = {
  'tests/test-1.yaml': oneTest,
  'mocks.yaml': redisMock(),
  'mappings.yaml': mappingsOf({ 'test-1': ['mock-0'] }),
}

/** Replays the files as one set; the service's Redis is not there. */
async function replay(
  files: Record<string, string | Uint8Array>,
  args: string[] = [],
  prepare?: (set: string) => Promise<void>,
) {
  await using dir = await tempDir()
  for (const [name, content] of Object.entries({ ...good, ...files })) {
    const file = join(dir.path, SET, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  await prepare?.(join(dir.path, SET))
  const port = String(await freePort())
  const command = ['--', process.execPath, service]
  const result = await runCli(['test', '--port', port, '--reporter', 'json', ...args, ...command], {
    cwd: dir.path,
    env,
  })
  const report = (result.stdout.startsWith('{') ? JSON.parse(result.stdout) : undefined) as RunResult | undefined
  const written = await readdir(dir.path, { recursive: true })
  const page = join(dir.path, 'keploy-report/report.html')
  return { ...result, report, written, html: existsSync(page) ? await readFile(page, 'utf8') : '' }
}

/** Lines that name a place of a file. */
const told = (stderr: string, place: string): string[] =>
  stderr.split('\n').filter((line) => line.includes(`(${place})`))

/** Documents one after the other, and the line on which each begins. */
function joined(documents: readonly string[]): { text: string; lines: number[] } {
  const lines: number[] = []
  let text = ''
  for (const document of documents) {
    if (text !== '') text += '---\n'
    lines.push(text.split('\n').length)
    text += document
  }
  return { text, lines }
}

test('mocks that are whole answer, so that the failures below have their own reasons', async () => {
  const { code, report, stderr } = await replay({})
  expect(stderr).toBe('')
  expect(report?.mocks).toMatchObject({ served: 1, missed: 0, unused: 0 })
  expect(code).toBe(0)
})

test('each document that is nonsense is named with file and line, the others answer, and the run is not green', async () => {
  const bad = [
    redisMock({ name: 'kind' }).replace('kind: Redis', 'kind: Radish'),
    redisMock({ name: 'version' }).replace('v1beta1', 'v99'),
    redisMock({ name: 'list' }).replace(/spec:[^]*/, 'spec: [1, 2]\n'),
    redisMock({ name: 'number' }).replace(/redisrequests:[^]*?redisresponses/, 'redisrequests: 7\n    redisresponses'),
    redisMock({ name: 'cut' }).replaceAll(String.raw`\r\nthing:a\r\n`, String.raw`\r\nthi`),
    redisMock({ name: 'syntax' }).replace('    metadata:', '   - metadata: {'),
    redisMock({ name: 'date' }).replace('name: "date"', 'name: [a, b]').replace('- type: string', '- nothing'),
  ]
  const { text, lines } = joined([redisMock(), ...bad])
  const { code, report, stderr } = await replay({ 'mocks.yaml': text })
  for (const [index] of bad.entries()) {
    // The line that separates documents belongs to the one after it.
    const at = (lines[index + 1] ?? 0) - 1
    const next = (lines[index + 2] ?? text.split('\n').length) - 1
    const places = [...stderr.matchAll(/\(mocks\.yaml:(\d+)\)/g)].map(([, line]) => Number(line))
    expect(
      places.filter((line) => line >= at && line < next),
      `${bad[index]}\n${stderr}`,
    ).not.toEqual([])
  }
  expect(stderr).not.toMatch(/TypeError|undefined|\n {4}at /)
  expect(report?.summary.passed).toBe(1)
  expect(report?.mocks).toMatchObject({ served: 1 })
  expect(code).toBe(1)
})

test.each([
  [
    'bytes that are no text',
    'mocks.yaml',
    Buffer.concat([Buffer.from(redisMock()), Buffer.from([0, 255, 254, 7, 10])]),
  ],
  ['a tail that is missing', 'mocks.yaml', `${redisMock()}---\n${redisMock({ name: 'mock-1' }).slice(0, 420)}`],
  ['a mapping that is none', 'mappings.yaml', 'version: api.keploy.io/v1beta1\nkind: TestMocksMapping\ntests: 7\n'],
  ['a mapping of bytes', 'mappings.yaml', Buffer.from([0, 1, 2, 255, 254])],
  ['calls that are no YAML', 'calls.yaml', 'version: "\nkind: [\n'],
])('%s end with 1, and the file is named', async (_, file, content) => {
  const { code, stderr } = await replay({ [file]: content })
  expect(stderr).toMatch(
    new RegExp(String.raw`^error: .*\(${file.replace('.', String.raw`\.`)}(:\d+)?\) \[KEPLOY_`, 'm'),
  )
  expect(stderr).not.toMatch(/TypeError|\n {4}at /)
  expect(code).toBe(1)
})

test('a mapping that names mocks which are not there is told, and so are two mocks of one name', async () => {
  const { text } = joined([redisMock(), redisMock({ name: 'twice' }), redisMock({ name: 'twice', key: 'b' })])
  const { stderr } = await replay({
    'mocks.yaml': text,
    'mappings.yaml': mappingsOf({ 'test-1': ['mock-0', 'twice', 'mock-77', '../../etc/passwd'], gone: ['mock-0'] }),
  })
  expect(stderr).toMatch(/mock-77.*mappings\.yaml/)
  expect(stderr).toMatch(/several in mocks\.yaml.*: twice\./)
})

const delivery = (name: string, after: string): string =>
  redisMock({ name, metadata: [`after: ${JSON.stringify(after)}`] })
    .replace(/redisrequests:[^]*?redisresponses/, 'redisrequests: []\n    redisresponses')
    .replace(/data: .*/, String.raw`data: "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n"`)

test('what a server says after itself, or after a call that is not there, is named: it would never be said', async () => {
  const { text, lines } = joined([
    redisMock(),
    delivery('self', 'self'),
    delivery('one', 'two'),
    delivery('two', 'one'),
    delivery('lost', 'nowhere\n::error::x'),
    delivery('fine', 'mock-0'),
  ])
  const { code, stderr } = await replay({ 'mocks.yaml': text })
  for (const line of lines.slice(1, 5)) expect(told(stderr, `mocks.yaml:${line - 1}`), stderr).toHaveLength(1)
  expect(told(stderr, `mocks.yaml:${(lines[5] ?? 0) - 1}`)).toEqual([])
  expect(stderr).not.toMatch(/^\s*::/m)
  expect(code).toBe(1)
})

describe('values in files of their own', () => {
  const call = (asset: string, more = ''): string =>
    [
      'version: api.keploy.io/v1beta1',
      'kind: Call',
      'name: mock-0',
      'spec:',
      '    metadata: { type: mocks, connID: "1", dependency: "redis 127.0.0.1:6379", operation: GET }',
      '    protocol: redis',
      '    operation: GET',
      '    request: { command: GET, args: ["thing:a"] }',
      `    response: { $asset: ${JSON.stringify(asset)}, type: text${more} }`,
      '    reqTimestampMock: 2026-07-17T09:10:53.450000000Z',
      '    resTimestampMock: 2026-07-17T09:10:53.451000000Z',
      '',
    ].join('\n')
  const own = 'assets/mock-0/1.txt'
  const files = (asset: string, more?: string): Record<string, string> => ({
    'mocks.yaml': '',
    'calls.yaml': call(asset, more),
    [own]: 'value of a',
  })

  test('are read', async () => {
    const { code, report, stderr } = await replay(files(own, ', size: 10'))
    expect(report?.mocks, stderr).toMatchObject({ served: 1 })
    expect(code).toBe(0)
  })

  test.each(['../../../../../../etc/passwd', '/etc/passwd', 'assets/../../x/1.txt', 'assets/$(touch pwned)/1.txt'])(
    'are not read from %s',
    async (path) => {
      const { code, stderr, written } = await replay(files(path))
      expect(told(stderr, 'calls.yaml:1')[0]).toMatch(/mock-0 \(Call\) can't be used.*KEPLOY_MOCK_INVALID/)
      expect(stderr).not.toContain('root:')
      expect(written.filter((name) => name.includes('pwned'))).toEqual([])
      expect(code).toBe(1)
    },
  )

  test.each([
    ['is not there', async (file: string) => await rm(file)],
    ['is shorter than it was', async (file: string) => await truncate(file, 4)],
    ['is empty', async (file: string) => await truncate(file, 0)],
    [
      'is a link that leads out of the set',
      async (file: string) => {
        await rm(file)
        await symlink('/etc/hostname', file)
      },
    ],
  ])('are told where the file %s', async (_, spoil) => {
    const { code, stderr } = await replay(files(own, ', size: 10'), [], async (set) => await spoil(join(set, own)))
    expect(told(stderr, 'calls.yaml:1')[0], stderr).toMatch(/mock-0 .*assets\/mock-0\/1\.txt.*KEPLOY_MOCK_INVALID/)
    expect(code).toBe(1)
  })
})

const HOSTILE =
  '\n::error::owned\u001b]0;owned\u0007\u009b31m\u202e<img src=x onerror=alert(1)>$(touch pwned)`touch pwned`"\''

/** Nothing that a terminal, a CI system or a browser would take for one of its own. */
function expectHarmless(text: string): void {
  // oxlint-disable-next-line no-control-regex -- none of them may be there
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  expect(text).not.toMatch(/^\s*::(?!error file=|warning file=)/m)
}

describe('names that mean something to a terminal, a shell, a page or a CI system', () => {
  const hostile = {
    'tests/test-1.yaml': oneTest.replace('name: test-1', `name: ${JSON.stringify(`t${HOSTILE}`)}`),
    'mocks.yaml': joined([
      redisMock({
        name: `m${HOSTILE}`,
        dependency: `redis ${HOSTILE}`,
        operation: `GET${HOSTILE}`,
        key: `k${HOSTILE}`,
      }),
      redisMock({ name: `n${HOSTILE}`, key: `thing:b${HOSTILE}`, value: HOSTILE }),
      redisMock({ name: `o${HOSTILE}` }).replace('redisrequests:', 'redisrequests: 7\n    x:'),
      redisMock({ name: 'kind' }).replace('kind: Redis', `kind: ${JSON.stringify(`Aerospike${HOSTILE}`)}`),
    ]).text,
    'mappings.yaml': mappingsOf({ [`t${HOSTILE}`]: [`m${HOSTILE}`, `n${HOSTILE}`, `gone${HOSTILE}`] }),
  }

  test('stay text in a terminal, a log, a page and a workflow', async () => {
    for (const reporters of ['pretty', 'json,html,junit', 'github']) {
      const { code, stdout, stderr, html, written } = await replay(hostile, [
        '--reporter',
        reporters,
        '--strict-unused',
        '--verbose',
      ])
      expectHarmless(stdout.replaceAll(/\u0000/g, ''))
      expectHarmless(stderr)
      expect(html).not.toMatch(/<img|owned\u001b/)
      expect(written.filter((name) => /(?:^|\/)pwned/.test(name))).toEqual([])
      expect(code).toBe(1)
    }
  })

  test('are quoted where a command is proposed', async () => {
    const { stdout } = await replay(hostile, ['--reporter', 'pretty'])
    const command = stdout.replaceAll(/\s+/g, ' ')
    expect(command).toContain('--tests')
    expect(command).not.toMatch(/--tests t[^']/)
  })

  test.each([
    ['mock', ['mock', '--strict-unused', '--', process.execPath, '-e', '0']],
    ['serve', ['serve']],
  ])('stay text for %s', async (name, args) => {
    await using dir = await tempDir(
      Object.fromEntries(Object.entries(hostile).map(([file, text]) => [join(SET, file), text])),
    )
    await using running = startCli(args, { cwd: dir.path, env })
    if (name === 'serve') {
      await running.waitFor('Serving')
      running.child.kill('SIGINT')
    }
    const { stdout, stderr } = await running.done
    expectHarmless(stdout)
    expectHarmless(stderr)
    expect(stderr).toMatch(/mocks\.yaml/)
    expect(stdout + stderr).toContain('owned')
  })
})
