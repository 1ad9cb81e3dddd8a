import { mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { recordTests } from '@keploy-framework/recorder'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { KeployTestRunner } from './keploy-test-runner.ts'

let folder: string
let before: string

beforeEach(async () => {
  before = process.cwd()
  folder = await mkdtemp(join(tmpdir(), 'keploy-api-'))
  process.chdir(folder)
})

afterEach(async () => {
  process.chdir(before)
  await rm(folder, { recursive: true, force: true })
})

async function startService(answer: () => string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(answer()))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

test('what recordTests records, the runner replays, validates and reports', async () => {
  let name = 'ann'
  await using service = await startService(() => JSON.stringify({ name }))
  const runner = new KeployTestRunner({ apiUrl: service.url })
  const { tests } = await recordTests(runner, async (session) => {
    await (await fetch(`${session.url}/users/ann`)).text()
  })
  expect(tests).toBe(1)

  const result = await runner.runAllTests({ validate: true, generateReport: true })
  expect(result.summary).toMatchObject({ total: 1, passed: 1 })
  expect(await readFile('keploy-report/report.html', 'utf8')).toContain('<html')
  expect(JSON.parse(await readFile('keploy/reports/test-run-0/result.json', 'utf8'))).toMatchObject({ version: 1 })

  name = 'bob'
  await expect(runner.runAllTests({ validate: true })).rejects.toThrow('0 of 1 tests passed (0 %)')
})

test('a folder without tests is told by name', async () => {
  await mkdir('other')
  await writeFile('other/notes.txt', '')
  const runner = new KeployTestRunner({ apiUrl: 'http://127.0.0.1:9', directory: 'missing' })
  await expect(runner.runAllTests()).rejects.toThrow('missing')
})
