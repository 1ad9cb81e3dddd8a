/**
 * @marker adversarial
 *
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: a verdict that no terminal can change
 * Impact: a broken release is stopped, a good one is not
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { httpTest } from './support/http-test.ts'
import { cliPath, runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/things-service.mjs', import.meta.url))
const oneTest = { 'keploy/test-set-0/tests/test-1.yaml': httpTest() }

async function replayInto(cwd: string, stdout: 'pipe' | number): Promise<{ code: number | null; stderr: string }> {
  const args = ['test', '--port', String(await freePort()), '--', process.execPath, service]
  const child = spawn(process.execPath, [cliPath, ...args], { cwd, stdio: ['ignore', stdout, 'pipe'] })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // As `| head -1` does: one look, then the reading end is gone.
  child.stdout?.once('data', () => child.stdout?.destroy())
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr }
}

test('a reader that goes away changes neither the verdict nor what is kept', async () => {
  await using dir = await tempDir(oneTest)
  expect(await replayInto(dir.path, 'pipe')).toEqual({ code: 0, stderr: '' })
  expect(existsSync(`${dir.path}/keploy/reports`)).toBe(true)
})

test.skipIf(!existsSync('/dev/full'))(
  'a full disk behind standard output is told in one sentence, and ends with 1 (skipped where there is no /dev/full)',
  async () => {
    await using dir = await tempDir(oneTest)
    await using full = await open('/dev/full', 'w')
    const { code, stderr } = await replayInto(dir.path, full.fd)
    expect(stderr).toMatch(/^error: Standard output can't be written: ENOSPC.*\[KEPLOY_OUTPUT_LOST\]\n$/)
    expect(code).toBe(1)
    expect(existsSync(`${dir.path}/keploy/reports`)).toBe(true)
  },
)

test('a terminal that is closed ends a recording as Ctrl-C does: the set is written, and the service stopped', async () => {
  await using dir = await tempDir()
  const port = await freePort()
  await using recorder = startCli(['record', '--port', String(port), '--', process.execPath, service], {
    cwd: dir.path,
  })
  await recorder.waitFor('Recording')
  await (await fetch(`http://127.0.0.1:${port}/things`)).text()
  recorder.child.kill('SIGHUP')
  const { code, stdout } = await recorder.done
  expect(stdout).toContain('1 test saved')
  expect(code).toBe(0)
  await expect(fetch(`http://127.0.0.1:${port}/things`)).rejects.toThrow('fetch failed')
})

test('beside another reporter json is a file, so that standard output has one author', async () => {
  await using dir = await tempDir(oneTest)
  const port = String(await freePort())
  const args = ['test', '--port', port, '--reporter', 'pretty,json', '--', process.execPath, service]
  const { stdout, stderr } = await runCli(args, { cwd: dir.path })
  expect(stdout).not.toContain('{"version"')
  expect(stderr).toContain(join('keploy-report', 'report.json'))
  expect(JSON.parse(await readFile(join(dir.path, 'keploy-report/report.json'), 'utf8'))).toMatchObject({
    status: 'passed',
  })
  const again = await runCli(['report', '--reporter', 'json'], { cwd: dir.path })
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'passed' })
})

test('the name of a test can not start a line in what coverage prints', async () => {
  const name = '"x\\n::stop-commands::tok"'
  await using dir = await tempDir({
    'keploy/test-set-0/tests/test-1.yaml': httpTest().replace(/^name: .*$/m, `name: ${name}`),
    'openapi.json': '{"openapi":"3.0.0","paths":{"/other":{"get":{}}}}',
  })
  const { code, stdout } = await runCli(['coverage'], { cwd: dir.path })
  expect(stdout).toContain(String.raw`x\n::stop-commands::tok`)
  expect(stdout).not.toMatch(/^\s*::/m)
  expect(code).toBe(0)
})
