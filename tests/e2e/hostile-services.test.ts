/**
 * @marker adversarial
 *
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: services that fail, and are named
 * Impact: a broken release is stopped, a good one is not
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '@keploy-framework/format'
import { expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { httpTest } from './support/http-test.ts'
import { runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/things-service.mjs', import.meta.url))
const oneTest = { 'keploy/test-set-0/tests/test-1.yaml': httpTest() }

async function replay(command: string[], args: string[] = [], files: Record<string, string> = oneTest) {
  await using dir = await tempDir(files)
  const port = await freePort()
  const own = command.map((word) => word.replace('PORT', String(port)))
  const result = await runCli(['test', '--port', String(port), '--reporter', 'json', ...args, '--', ...own], {
    cwd: dir.path,
  })
  const report = (result.stdout.startsWith('{') ? JSON.parse(result.stdout) : undefined) as RunResult | undefined
  return { ...result, report, port }
}

test('a port in use is named, with the way out, and ends with 3', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await using dir = await tempDir(oneTest)
  const { code, stdout, stderr } = await runCli(['test', '--port', String(port), '--', process.execPath, service], {
    cwd: dir.path,
  })
  const recording = await runCli(['record', '--port', String(port), '--', process.execPath, service], { cwd: dir.path })
  await new Promise((resolve) => other.close(resolve))
  expect(stdout + stderr).toMatch(new RegExp(`port ${port}[^]*--port`, 'i'))
  expect(code).toBe(3)
  expect(recording.stderr).toMatch(new RegExp(`port ${port} already[^]*--port`))
  expect(recording.code).toBe(3)
})

test('a command that does not exist is named and ends with 3', async () => {
  const { code, stderr, report } = await replay(['no-such-command-here'])
  expect(stderr).toContain('no-such-command-here')
  expect(report?.summary.failed).toBe(1)
  expect(code).toBe(3)
})

test('a service that never becomes ready is given up after the limit, with what was probed', async () => {
  const { code, stderr, port } = await replay(
    [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    ['--ready-timeout', '700ms'],
  )
  expect(stderr).toContain(String(port))
  expect(stderr).toContain('KEPLOY_SERVICE_NOT_READY')
  expect(code).toBe(3)
})

test('a service that ends before it is ready is told with its exit code and its last words', async () => {
  const { code, stderr } = await replay([process.execPath, '-e', 'console.error("no database"); process.exit(7)'])
  expect(stderr).toMatch(/7/)
  expect(stderr).toContain('no database')
  expect(code).toBe(3)
})

test('a service that dies during the replay fails what is left as crashed and ends with 3', async () => {
  const files = {
    'keploy/test-set-0/tests/test-1.yaml': httpTest(),
    'keploy/test-set-0/tests/test-2.yaml': httpTest({ name: 'test-2', url: 'http://localhost:8000/crash' }),
    'keploy/test-set-0/tests/test-3.yaml': httpTest({ name: 'test-3' }),
  }
  const { code, report } = await replay([process.execPath, service, 'PORT'], [], files)
  const tests = report?.sets[0]?.tests ?? []
  expect(tests.map(({ status }) => status)).toEqual(['passed', 'failed', 'failed'])
  expect(tests[1]?.failures[0]?.kind).toBe('crashed')
  expect(code).toBe(3)
})

test('a service that floods its output is replayed all the same', async () => {
  const flood = `
    const line = 'x'.repeat(1000) + '\\n'
    let rounds = 0
    const pour = () => { while (rounds++ < 50000 && process.stdout.write(line)); if (rounds < 50000) process.stdout.once('drain', pour) }
    require('node:http').createServer((_, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end('{"things":[]}')
    }).listen(PORT, '127.0.0.1', pour)`
  const { code, report } = await replay([process.execPath, '-e', flood])
  expect(report?.summary.passed).toBe(1)
  expect(code).toBe(0)
})

test('Ctrl-C stops the service, writes what was done and ends with 130', async () => {
  const slow = `require('node:http').createServer((_, response) => {
    console.log('asked'); setTimeout(() => response.end('{}'), 60000)
  }).listen(PORT, '127.0.0.1', () => console.log('pid ' + process.pid))`
  await using dir = await tempDir(oneTest)
  const port = await freePort()
  await using running = startCli(
    [
      'test',
      '--port',
      String(port),
      '--timeout',
      '60s',
      '--reporter',
      'pretty,json',
      '--output',
      'out',
      '--',
      process.execPath,
      '-e',
      slow.replace('PORT', String(port)),
    ],
    { cwd: dir.path },
  )
  await running.waitFor('Step 2/3')
  running.child.kill('SIGINT')
  const { code, stdout, stderr } = await running.done
  expect(stdout + stderr).toMatch(/interrupted/i)
  expect(code).toBe(130)
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
})

test('no tests at all end with 4, never with a green run', async () => {
  const { code, stderr } = await replay([process.execPath, service, 'PORT'], ['--tests', 'no-such-*'])
  expect(stderr).toContain('no-such-*')
  expect(code).toBe(4)
})

test('a pass rate below the bar fails, one above passes', async () => {
  const files = {
    'keploy/test-set-0/tests/test-1.yaml': httpTest(),
    'keploy/test-set-0/tests/test-2.yaml': httpTest({ name: 'test-2', responseBody: '{"things":[1]}' }),
  }
  const command = [process.execPath, service, 'PORT']
  expect((await replay(command, [], files)).code).toBe(1)
  expect((await replay(command, ['--min-pass-rate', '0.5', '--validate'], files)).code).toBe(0)
  expect((await replay(command, ['--min-pass-rate', '60%'], files)).code).toBe(1)
})

test('two replays at once, on two ports, do not disturb each other', async () => {
  await using dir = await tempDir(oneTest)
  const ports = [await freePort(), await freePort(), await freePort()]
  const results = await Promise.all(
    ports.map((port) =>
      runCli(['test', '--port', String(port), '--', process.execPath, service, String(port)], { cwd: dir.path }),
    ),
  )
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
  const { stdout } = await runCli(['report', '--list'], { cwd: dir.path })
  expect(stdout.trim().split('\n')).toHaveLength(3)
})

test('a service that ignores PORT is recognised, and the way to record it is shown', async () => {
  await using dir = await tempDir()
  const port = await freePort()
  const stubborn = `require('node:http').createServer((_, response) => response.end()).listen(${port}, '127.0.0.1')`
  const { code, stderr } = await runCli(['record', '--port', String(port), '--', process.execPath, '-e', stubborn], {
    cwd: dir.path,
  })
  expect(stderr).toContain('KEPLOY_PORT_IGNORED')
  expect(stderr).toContain(`--port ${port} --listen ${port + 1}`)
  expect(code).toBe(3)
})

test('an address where nothing listens ends with 3, as a service that could not start does', async () => {
  await using dir = await tempDir(oneTest)
  const port = await freePort()
  const { code, stdout } = await runCli(['test', '--url', `http://127.0.0.1:${port}`, '--reporter', 'json'], {
    cwd: dir.path,
  })
  expect((JSON.parse(stdout) as RunResult).sets[0]?.tests[0]?.failures[0]?.kind).toBe('refused')
  expect(code).toBe(3)
})
