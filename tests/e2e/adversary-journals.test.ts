/**
 * @marker adversarial
 *
 * Segment: teams that record what their service does
 * Goal: a recording that can be relied on
 * Value: recordings that can be recovered
 * Impact: no exchange is lost that a client saw
 */
import { mkdir, readdir, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/things-service.mjs', import.meta.url))

async function record(cwd: string, args: string[] = []) {
  const port = await freePort()
  const recorder = startCli(['record', '--port', String(port), ...args, '--', process.execPath, service], { cwd })
  await recorder.waitFor('Recording')
  return { recorder, url: `http://127.0.0.1:${port}` }
}

const journalsOf = async (cwd: string) =>
  (await readdir(join(cwd, 'keploy/.journal'))).filter((name) => name.endsWith('.journal'))

test('a journal that can not be read does not keep the others from being recovered', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path)
  await using _ = recorder
  await (await fetch(`${url}/things`)).text()
  recorder.child.kill('SIGKILL')
  await recorder.done
  const folder = join(dir.path, 'keploy/.journal')
  const [journal = ''] = await journalsOf(dir.path)
  await rename(join(folder, journal), join(folder, 'b.journal'))
  await writeFile(join(folder, 'a.journal'), Buffer.alloc(5000, 0x77))
  const { code, stdout, stderr } = await runCli(['record', '--recover'], { cwd: dir.path })
  expect(stdout).toContain('1 test saved')
  expect(stderr).toMatch(/a\.journal is no journal.*\[KEPLOY_JOURNAL_READ\]/)
  expect(code).toBe(2)
  expect(await journalsOf(dir.path)).toEqual(['a.journal'])
})

test('a journal that was cut off gives every whole exchange, and says what it lost', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path)
  await using _ = recorder
  for (const page of [1, 2, 3]) await (await fetch(`${url}/things?page=${page}`)).text()
  recorder.child.kill('SIGKILL')
  await recorder.done
  const [journal = ''] = await journalsOf(dir.path)
  const file = join(dir.path, 'keploy/.journal', journal)
  const { size } = await stat(file)
  await truncate(file, size - 20)
  const { code, stdout } = await runCli(['record', '--recover'], { cwd: dir.path })
  expect(stdout).toMatch(/2 tests saved[^]*hold no whole record/)
  expect(code).toBe(0)
})

test('a recording that goes on is left alone by --recover', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path)
  await using _ = recorder
  await (await fetch(`${url}/things`)).text()
  const { code, stderr } = await runCli(['record', '--recover'], { cwd: dir.path })
  expect(stderr).toContain('belongs to a recording that goes on')
  expect(code).toBe(4)
  recorder.child.kill('SIGINT')
  expect((await recorder.done).stdout).toContain('1 test saved')
})

test('of two recorders with one name the second loses nothing: its journal stays and can be recovered', async () => {
  await using dir = await tempDir()
  const one = await record(dir.path, ['--test-set', 'same'])
  await using first = one.recorder
  const two = await record(dir.path, ['--test-set', 'same'])
  await using second = two.recorder
  for (const { url } of [one, two]) await (await fetch(`${url}/things`)).text()
  first.child.kill('SIGINT')
  expect((await first.done).stdout).toContain('1 test saved in keploy/same')
  second.child.kill('SIGINT')
  const { code, stderr } = await second.done
  expect(stderr).toMatch(/What was recorded is kept in keploy[^]*\[KEPLOY_RECORD_EXISTS\]/)
  expect(code).toBe(2)
  expect((await runCli(['record', '--recover'], { cwd: dir.path })).stdout).toContain(
    '1 test saved in keploy/test-set-0',
  )
})

test('a name that no set can have is refused before anything is recorded', async () => {
  await using dir = await tempDir()
  await mkdir(join(dir.path, 'keploy'))
  for (const name of ['../x', 'a/b', 'tests', '.hidden', 'con']) {
    const { code, stderr } = await runCli(['record', '--port', '1', '--test-set', name], { cwd: dir.path })
    expect(stderr).toContain('[KEPLOY_FORMAT_SET_NAME]')
    expect(code).toBe(2)
  }
  expect(await readdir(join(dir.path, 'keploy'))).toEqual([])
})
