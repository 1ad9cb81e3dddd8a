/**
 * @marker adversarial
 *
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: sets that harm nobody who replays them
 * Impact: a broken release is stopped, a good one is not
 */
import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '@keploy-framework/format'
import { expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { httpTest } from './support/http-test.ts'
import { runCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/things-service.mjs', import.meta.url))

/** Replays the files as one set against the things service. */
async function replay(files: Record<string, string>, args: string[] = [], prepare?: (set: string) => Promise<void>) {
  await using dir = await tempDir(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`keploy/test-set-0/${name}`, text])),
  )
  await prepare?.(join(dir.path, 'keploy/test-set-0'))
  const port = await freePort()
  const result = await runCli(
    ['test', '--port', String(port), '--reporter', 'json', ...args, '--', process.execPath, service, String(port)],
    { cwd: dir.path },
  )
  const report = (result.stdout.startsWith('{') ? JSON.parse(result.stdout) : undefined) as RunResult | undefined
  const exists = (name: string) => existsSync(join(dir.path, name))
  return { ...result, report, exists: exists('keploy/pwned') || exists('pwned') }
}

const firstTest = (report: RunResult | undefined) => report?.sets[0]?.tests[0]

test('a good set passes, so that the failures below have their own reasons', async () => {
  const { code, report } = await replay({ 'tests/test-1.yaml': httpTest() })
  expect(report?.summary).toMatchObject({ total: 1, passed: 1 })
  expect(code).toBe(0)
})

test('invalid YAML is named with its line and column, and the other tests still run', async () => {
  const broken = 'version: api.keploy.io/v1beta1\nkind: Http\nname: "broken\nspec: {\n'
  const { code, report, stdout, stderr } = await replay({
    'tests/test-1.yaml': httpTest(),
    'tests/test-2.yaml': broken,
  })
  expect(code).toBe(1)
  expect(report?.summary).toMatchObject({ total: 2, passed: 1, failed: 1 })
  expect(stdout + stderr).toMatch(/test-2\.yaml:\d+:\d+|test-2\.yaml.*line \d+/)
})

test.each([
  ['an unknown version', httpTest().replace('api.keploy.io/v1beta1', 'api.keploy.io/v99'), /version/i],
  ['a test with no response', httpTest().replace(/ {2}resp:[\s\S]*? {2}objects/, '  objects'), /resp/i],
  ['a cyclic alias', httpTest().replace('metadata: {}', 'metadata: &a { x: *a }'), /alias|anchor|cycl/i],
])('%s fails that test with a reason', async (_, text, reason) => {
  const { code, report, stdout, stderr } = await replay({ 'tests/test-1.yaml': httpTest(), 'tests/test-2.yaml': text })
  expect(stdout + stderr).toMatch(reason)
  expect(report?.summary.passed).toBe(1)
  expect(code).toBe(1)
})

test('aliases that multiply are refused instead of expanded', async () => {
  const levels = Array.from({ length: 30 }, (_, i) => `  l${i + 1}: &l${i + 1} [*l${i}, *l${i}, *l${i}, *l${i}]`)
  const bomb = httpTest().replace('spec:', ['bomb:', '  l0: &l0 [x, x, x, x]', ...levels, 'spec:'].join('\n'))
  const { code, report } = await replay({ 'tests/test-1.yaml': httpTest(), 'tests/test-2.yaml': bomb })
  expect(report?.summary.passed).toBe(1)
  expect(code).toBe(1)
})

test('a __proto__ key is data: it is compared, and changes nobody', async () => {
  const body = '{"things":[],"__proto__":{"polluted":true}}'
  const { code, report } = await replay({ 'tests/test-1.yaml': httpTest({ responseBody: body }) })
  expect(code).toBe(1)
  expect(JSON.stringify(firstTest(report)?.failures)).toContain('__proto__')
})

test('a regular expression that would backtrack for ever ends at once', async () => {
  const { code, report } = await replay({
    'tests/test-1.yaml': httpTest({
      url: 'http://localhost:8000/nonce',
      responseBody: `{"nonce":"${'a'.repeat(40)}!","fixed":1}`,
      assertions: ['noise:', '  body.nonce: ["^(a+)+$"]'],
    }),
  })
  expect(code).toBe(1)
  expect(firstTest(report)?.failures[0]).toMatchObject({ path: 'body.nonce' })
})

test('a body_ref that leaves its set is refused', async () => {
  const reference = httpTest({ method: 'POST' }).replace(
    '    body: ""\n    timestamp',
    '    body: ""\n    body_ref:\n      path: ../../../../../../../../../etc/passwd\n      size: 10\n    timestamp',
  )
  const { code, report } = await replay({ 'tests/test-1.yaml': reference })
  expect(code).toBe(1)
  expect(firstTest(report)?.failures[0]?.message).toMatch(/etc\/passwd/)
})

test('a link that leaves the set is refused', async () => {
  const reference = httpTest({ method: 'POST' }).replace(
    '    body: ""\n    timestamp',
    '    body: ""\n    body_ref:\n      path: assets/link\n      size: 10\n    timestamp',
  )
  const { code, report } = await replay({ 'tests/test-1.yaml': reference }, [], async (set) => {
    await mkdir(join(set, 'assets'))
    await symlink('/etc/passwd', join(set, 'assets/link'))
  })
  expect(code).toBe(1)
  expect(firstTest(report)?.failures[0]?.message).toMatch(/outside|leaves|link/)
})

test('a set name that climbs out of the folder is refused', async () => {
  const { code, stderr } = await replay({ 'tests/test-1.yaml': httpTest() }, ['--test-sets', '../../etc'])
  expect([2, 4]).toContain(code)
  expect(stderr).toContain('../../etc')
})

test('a recorded absolute URL to another host is never followed', async () => {
  let asked = 0
  const elsewhere = createServer((_, response) => {
    asked++
    response.end('{"things":[]}')
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const { port } = elsewhere.address() as AddressInfo
  const { code } = await replay({
    'tests/test-1.yaml': httpTest({
      url: `http://127.0.0.1:${port}/things`,
      requestHeaders: { Host: `127.0.0.1:${port}` },
    }),
  })
  await new Promise((resolve) => elsewhere.close(resolve))
  expect(asked).toBe(0)
  expect(code).toBe(0)
})

test('scripts and commands of a set run only with --allow-scripts', async () => {
  const files = {
    'tests/test-1.yaml': httpTest(),
    'config.yaml': 'preScript: touch pwned\npostScript: touch pwned\nappCommand: ""\ntemplate: {}\n',
  }
  const without = await replay(files)
  expect(without.exists).toBe(false)
  expect(without.stderr + without.stdout).toContain('--allow-scripts')
  expect((await replay(files, ['--allow-scripts'])).exists).toBe(true)
})

test('bytes that are not UTF-8 in a test file are told, not guessed at', async () => {
  const { code, report, stdout, stderr } = await replay({ 'tests/test-1.yaml': httpTest() }, [], async (set) => {
    await writeFile(join(set, 'tests/test-2.yaml'), Buffer.concat([Buffer.from(httpTest()), Buffer.from([0xff, 0xfe])]))
  })
  expect(report?.summary.passed).toBe(1)
  expect(stdout + stderr).toMatch(/UTF-8/)
  expect(code).toBe(1)
})

test('a binary body is compared byte by byte', async () => {
  const binary = (bytes: number[]) =>
    httpTest({
      url: 'http://localhost:8000/binary',
      responseHeaders: { 'Content-Type': 'application/octet-stream' },
    }).replace('body: "{\\"things\\":[]}"', `body: !!binary ${Buffer.from(bytes).toString('base64')}`)
  expect((await replay({ 'tests/test-1.yaml': binary([0, 255, 254, 128, 10, 13]) })).code).toBe(0)
  expect((await replay({ 'tests/test-1.yaml': binary([0, 255, 254, 129, 10, 13]) })).code).toBe(1)
})

test('markup and terminal escapes in recorded values reach neither the terminal nor the page', async () => {
  await using dir = await tempDir({
    'keploy/test-set-0/tests/test-1.yaml': httpTest({
      url: 'http://localhost:8000/hostile',
      responseBody: '{"text":"\u001b]0;owned\u0007<img src=x onerror=alert(1)>"}',
    }),
  })
  const port = await freePort()
  const result = await runCli(
    ['test', '--port', String(port), '--reporter', 'pretty', '--', process.execPath, service, String(port)],
    { cwd: dir.path },
  )
  expect(result.code).toBe(1)
  expect(result.stdout + result.stderr).not.toContain('\u001b')
})
