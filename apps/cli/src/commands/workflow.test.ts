import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '@keploy-framework/format'
import { freePort } from '@keploy-framework/intercept'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runInMemory } from '../testing/run-in-memory.ts'
import type { InMemoryResult } from '../testing/run-in-memory.ts'

const service = [process.execPath, fileURLToPath(new URL('../../test/notes-service.mjs', import.meta.url))]
let cwd: string

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-commands-'))
})

afterAll(() => rm(cwd, { recursive: true, force: true }))

/** Records what `drive` does, with `--max` as the end. */
async function record(args: string[], drive: (url: string) => Promise<void>): Promise<InMemoryResult> {
  let driven: Promise<void> | undefined
  const port = String(await freePort())
  const result = await runInMemory(['record', '--port', port, ...args, '--', ...service], {
    cwd,
    onStderr(text) {
      const url = /send requests to (http\S+)/.exec(text)?.[1]
      if (url !== undefined) driven ??= drive(url)
    },
  })
  await driven
  return result
}

async function replay(args: string[], env: Record<string, string> = {}): Promise<InMemoryResult> {
  return await runInMemory(['test', '--port', String(await freePort()), ...args, '--', ...service], { cwd, env })
}

// Each command works on what the ones before it left.
describe('the commands, one after the other', { shuffle: false }, () => {
  test('record writes what a client did', async () => {
    const { code, stdout } = await record(['--max', '3', '--path', '/notes,/lucky'], async (url) => {
      const created = (await (await fetch(`${url}/notes`, { method: 'POST' })).json()) as { id: string }
      await (await fetch(`${url}/notes/${created.id}`)).text()
      await (await fetch(`${url}/elsewhere`)).text()
      await (await fetch(`${url}/lucky`)).text()
    })
    expect(stdout).toContain('3 tests saved in keploy/test-set-0')
    expect(stdout).toMatch(/1 outside of --path/)
    expect(code).toBe(0)
  })

  test('record --json tells the same as data, and --append adds to a set', async () => {
    const { code, stdout } = await record(
      ['--json', '--max', '1', '--test-set', 'test-set-0', '--append'],
      async (url) => {
        await (await fetch(`${url}/notes/nobody`)).text()
      },
    )
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, set: 'test-set-0', tests: 1, valid: true })
    expect(code).toBe(0)
  })

  test('a name that is taken is refused before anything starts', async () => {
    const { code, stderr } = await record(['--test-set', 'test-set-0'], async () => {})
    expect(stderr).toContain('test-set-0')
    expect(code).toBe(2)
  })

  test('a replay tells what failed and why; the noisy value is the only one', async () => {
    const { code, stdout } = await replay(['--reporter', 'json'])
    const result = JSON.parse(stdout) as RunResult
    expect(result.summary).toMatchObject({ total: 4, passed: 3, failed: 1 })
    expect(result.sets[0]?.tests.flatMap(({ failures }) => failures.map(({ path }) => path))).toEqual(['body.lucky'])
    expect(code).toBe(1)
  })

  test('a replay writes the files of its reporters, says where, and holds the run against the bar', async () => {
    const args = ['--reporter', 'pretty,junit', '--report', '--output', 'out', '--validate', '--min-pass-rate', '70%']
    const { code, stdout, stderr } = await replay(args)
    expect(stdout).toContain('3 of 4 tests passed')
    expect(stderr).toContain(join('out', 'junit.xml'))
    expect(stderr).toContain(join('out', 'report.html'))
    expect(stderr).toContain('Validation passed')
    expect(code).toBe(0)
    expect((await replay(['--validate'])).stderr).toContain('3 of 4 tests passed')
  })

  test('report shows a kept run again, lists runs, and knows when there is none of that number', async () => {
    expect((await runInMemory(['report', '--list'], { cwd })).stdout.split('\n')).toContain('test-run-0')
    expect((await runInMemory(['report', '0'], { cwd })).stdout).toContain('3 of 4 tests passed')
    const json = await runInMemory(['report', '--reporter', 'json'], { cwd })
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, summary: { total: 4 } })
    const unknown = await runInMemory(['report', '99'], { cwd })
    expect(unknown.stderr).toContain('There is no run 99')
    expect(unknown.code).toBe(4)
  })

  test('noise proposes the value that differs by itself, and --write accepts it', async () => {
    const args = ['noise', '--port', String(await freePort()), '--write', '--', ...service]
    const { code, stdout } = await runInMemory(args, { cwd })
    expect(stdout).toMatch(/1 proposed[^]*body\.lucky/)
    expect(code).toBe(0)
    const file = join(cwd, 'keploy/test-set-0/tests/get-lucky-1.yaml')
    expect(await readFile(file, 'utf8')).toContain('body.lucky: []')
    expect((await replay([])).code).toBe(0)
  })

  test('noise calls a change of the service a change', async () => {
    const changed = ['env', 'KIND=new', ...service]
    const args = ['noise', '--json', '--port', String(await freePort()), '--', ...changed]
    const { stdout } = await runInMemory(args, { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ proposals: [], changes: [{ failure: { path: 'body.kind' } }] })
  })

  test('coverage marks what has tests, from the recordings or from an OpenAPI document', async () => {
    const recorded = await runInMemory(['coverage'], { cwd })
    expect(recorded.stdout).toContain('/notes/{id}')
    const openapi = { openapi: '3.1.0', paths: { '/notes': { get: {}, post: {} }, '/notes/{id}': { get: {} } } }
    await writeFile(join(cwd, 'openapi.json'), JSON.stringify(openapi))
    const described = await runInMemory(['coverage', '--min', '0.9'], { cwd })
    expect(described.stdout).toContain('2 of 3 endpoints tested (66.7 %)')
    expect(described.stdout).toMatch(/Recorded, but not described:[^]*\/lucky/)
    expect(described.code).toBe(1)
    expect(JSON.parse((await runInMemory(['coverage', '--json'], { cwd })).stdout)).toMatchObject({
      total: 3,
      tested: 2,
    })
    const missing = await runInMemory(['coverage', '--openapi', 'no-such.json'], { cwd })
    expect(missing.stderr).toContain('KEPLOY_OPENAPI_UNREADABLE')
  })

  test('doctor counts what is there', async () => {
    expect((await runInMemory(['doctor'], { cwd, env: { PATH: '' } })).stdout).toContain('4 tests in 1 set')
  })

  test('the menu shows what is there, and leaves with 0', async () => {
    const { code, stdout } = await runInMemory(['menu'], { cwd, typed: 'x\n0\n' })
    expect(stdout).toContain('4 test cases ready')
    expect(stdout).toContain('There is no entry "x"')
    expect(code).toBe(0)
  })
})

describe('what can not be', () => {
  test.each([
    [['test', '--url', 'http://127.0.0.1:1', '--', 'npm'], 'KEPLOY_USAGE', 2],
    [['test', '--dir', 'nowhere'], 'KEPLOY_FORMAT_NOT_FOUND', 4],
    [['test', '--service', 'nobody'], 'KEPLOY_BAD_OPTION', 2],
    [['test', '-c', 'npm start', '--', 'npm'], 'KEPLOY_USAGE', 2],
    [['test', '--config', 'none.yml'], 'KEPLOY_CONFIG', 2],
    [['record', '--append', '--replace'], 'KEPLOY_USAGE', 2],
    [['record', '--recover'], 'KEPLOY_NOTHING_TO_RUN', 4],
    [['record', '--port', '8000', '--listen', '8000'], 'KEPLOY_BAD_OPTION', 2],
    [['noise'], 'KEPLOY_FORMAT_NOT_FOUND', 4],
    [['coverage'], 'KEPLOY_NOTHING_TO_RUN', 4],
    [['menu'], 'KEPLOY_USAGE', 2],
  ])('%j is refused', async (args, code, exit) => {
    const empty = await mkdtemp(join(tmpdir(), 'keploy-empty-'))
    const result = await runInMemory(args, { cwd: empty })
    await rm(empty, { recursive: true })
    expect(result.stderr).toContain(code)
    expect(result.code).toBe(exit)
  })
})
