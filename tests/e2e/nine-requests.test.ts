/**
 * Segment: whoever tries the tool for the first time
 * Goal: a first success within minutes
 * Value: nine of nine, honestly
 * Impact: people stay
 */
import { cp, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '@keploy-framework/format'
import { driveNineRequests } from '@keploy-framework/sample-service'
import { beforeAll, expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'
import type { TempDir } from './support/temp-dir.ts'

const sample = fileURLToPath(new URL('../../apps/sample-service', import.meta.url))
const command = (folder: string) => [process.execPath, join(folder, 'bin/sample-service.js'), '--log-level', 'error']

interface Recorded {
  readonly folder: TempDir
  readonly statuses: number[]
  readonly summary: string
  readonly code: number | null
}

let recorded: Recorded

beforeAll(async () => {
  const folder = await tempDir()
  const port = await freePort()
  await using recorder = startCli(['record', '--port', String(port), '--keep', 'health', '--', ...command(sample)], {
    cwd: folder.path,
  })
  await recorder.waitFor('Recording')
  const answers = await driveNineRequests(`http://127.0.0.1:${port}`)
  recorder.child.kill('SIGINT')
  const { code, stdout } = await recorder.done
  recorded = { folder, statuses: answers.map(({ status }) => status), summary: stdout, code }
  return () => folder[Symbol.asyncDispose]()
})

/** Replays the recorded set against the service in a folder, fresh. */
async function replay(folder: string): Promise<{ code: number | null; report: RunResult }> {
  const port = await freePort()
  const { code, stdout, stderr } = await runCli(
    ['test', '--port', String(port), '--reporter', 'json', '--', ...command(folder)],
    { cwd: recorded.folder.path },
  )
  expect(stdout, stderr).toMatch(/^\{/)
  return { code, report: JSON.parse(stdout) as RunResult }
}

test('the nine requests are answered as they should be, and make nine tests', () => {
  expect(recorded.statuses).toEqual([200, 200, 201, 201, 200, 200, 204, 404, 422])
  expect(recorded.summary).toContain('9 tests saved')
  expect(recorded.code).toBe(0)
})

test('the nine requests replay nine of nine against a fresh service', async () => {
  const { code, report } = await replay(sample)
  expect(report.summary).toMatchObject({ total: 9, passed: 9, failed: 0, passRate: 1 })
  expect(report.status).toBe('passed')
  expect(code).toBe(0)
})

test('id, created_at and Location are compared through bindings and forms, and none of them is ignored', async () => {
  const { report } = await replay(sample)
  const tests = report.sets.flatMap((set) => set.tests)
  const created = tests.find(({ name }) => name === 'post-sessions-1')
  expect(created?.bound.map(({ where }) => where)).toEqual(
    expect.arrayContaining(['post-sessions-1 body.id', 'post-sessions-1 body.created_at']),
  )
  const rules = tests.flatMap((each) => each.rules).filter(({ path }) => /(\.id|created_at|location)$/i.test(path))
  expect(rules.length).toBeGreaterThan(5)
  for (const { rule } of rules) expect(rule).toMatch(/^(binding|form: )/)
  const files = await readdir(join(recorded.folder.path, 'keploy/test-set-0/tests'))
  for (const file of files) {
    const text = await readFile(join(recorded.folder.path, 'keploy/test-set-0/tests', file), 'utf8')
    expect(text).not.toMatch(/body\.(id|created_at): \[\]|header\.[Ll]ocation: \[\]/)
  }
})

/** A copy of the built service with one line changed. */
async function brokenCopy(folder: string, before: string, after: string): Promise<void> {
  await cp(join(sample, 'dist'), join(folder, 'dist'), { recursive: true })
  await cp(join(sample, 'bin'), join(folder, 'bin'), { recursive: true })
  await cp(join(sample, 'package.json'), join(folder, 'package.json'))
  await symlink(join(sample, 'node_modules'), join(folder, 'node_modules'))
  let changed = 0
  for (const name of (await readdir(join(folder, 'dist'))).filter((file) => file.endsWith('.js'))) {
    const file = join(folder, 'dist', name)
    const text = await readFile(file, 'utf8')
    if (!text.includes(before)) continue
    changed += text.split(before).length - 1
    await writeFile(file, text.replace(before, after))
  }
  expect(changed, `places in the service that say ${before}`).toBe(1)
}

test('a service whose DELETE finds nothing fails on exactly that test', async () => {
  await using broken = await tempDir()
  await brokenCopy(broken.path, 'delete from sessions where id = $1', 'delete from sessions where id = $1 and false')
  const { code, report } = await replay(broken.path)
  const failed = report.sets.flatMap((set) => set.tests).filter(({ status }) => status !== 'passed')
  expect(failed.map(({ name }) => name)).toEqual(['delete-sessions-by-id-1'])
  expect(failed[0]?.failures[0]).toMatchObject({ kind: 'status', expected: 204, actual: 404 })
  expect(code).toBe(1)
})

test('a service that answers with the id of another session fails where the wrong id is seen', async () => {
  await using broken = await tempDir()
  await brokenCopy(broken.path, '} from sessions where id = $1', '} from sessions where id <> $1')
  const { code, report } = await replay(broken.path)
  const read = report.sets.flatMap((set) => set.tests).find(({ name }) => name === 'get-sessions-by-id-1')
  expect(read?.failures.map(({ path }) => path)).toContain('body.id')
  expect(code).toBe(1)
})
