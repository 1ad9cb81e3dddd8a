import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Call } from '@keploy-framework/format'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { mountTiny, unmountTiny } from '../../test/tiny-disk.ts'
import { appendMocks } from './append-mocks.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-mocks-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const call = (id: number, request: string, response: string): Call => ({
  protocol: 'generic',
  id,
  connection: 1,
  dependency: 'generic store:1',
  operation: 'send',
  request,
  response,
  lifetime: 'test',
  state: 'complete',
  startedAt: id,
  endedAt: id,
  cause: { exchange: 1, certainty: 'certain' },
})

/** Every file of the set, with its text. */
async function contents(): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const texts = await Promise.all(
    files.map(async (entry) => [
      join(entry.parentPath, entry.name).slice(folder.length),
      await readFile(join(entry.parentPath, entry.name), 'utf8'),
    ]),
  )
  return Object.fromEntries(texts.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))) as Record<string, string>
}

async function fill(file: string): Promise<void> {
  for (;;) {
    try {
      await appendFile(file, 'x'.repeat(512))
    } catch {
      return
    }
  }
}

const append = async (calls: readonly Call[]): Promise<number> =>
  await appendMocks(calls, new Map([[1, 'get-a-1']]), { directory: folder, testSet: 'set' })

it.for<[string, number, boolean]>([
  ['the mocks do not fit', 60_000, false],
  ['the mocks fit and which test used which does not', 300, true],
])('mocks that are added on a full disk leave the set as it was, where %s', async ([, size, full], context) => {
  const reason = mountTiny(folder)
  if (reason !== undefined) context.skip(reason)
  try {
    expect(await append([call(1, 'a', 'one')])).toBe(1)
    // Files have whole pages: what is left of theirs still takes a little.
    if (full) await fill(join(folder, 'other'))
    const before = await contents()
    expect(Object.keys(before)).toContain('/set/mocks.yaml')
    expect(Object.keys(before)).toContain('/set/mappings.yaml')
    await expect(append([call(2, 'b', 'y'.repeat(size)), call(3, 'c', 'three')])).rejects.toThrow(
      /ENOSPC|the disk is full/,
    )
    expect(await contents()).toEqual(before)
    await rm(join(folder, 'other'), { force: true })
    expect(await append([call(2, 'b', 'two')])).toBe(1)
    expect((await contents())['/set/mocks.yaml']).toContain('two')
  } finally {
    unmountTiny(folder)
  }
})
