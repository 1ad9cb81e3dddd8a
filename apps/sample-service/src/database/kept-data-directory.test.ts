import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { cacheFolder, KeptDataDirectory } from './kept-data-directory.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-service-kept-'))
})
afterAll(() => rm(folder, { recursive: true }))

const dump = new Blob(['all files of a data directory'])

test('what one process keeps the next one reads, by its name', async () => {
  const below = join(folder, 'made', 'when needed')
  expect(await new KeptDataDirectory('one', below).read()).toBeUndefined()
  await new KeptDataDirectory('one', below).keep(dump)
  expect(await (await new KeptDataDirectory('one', below).read())?.text()).toBe('all files of a data directory')
  expect(await new KeptDataDirectory('two', below).read()).toBeUndefined()
  expect(await readdir(below)).toEqual(['one.tar.gz'])
})

test('a file that is not whole is none', async () => {
  const kept = new KeptDataDirectory('cut', folder)
  await kept.keep(dump)
  const file = join(folder, 'cut.tar.gz')
  await writeFile(file, (await readFile(file)).subarray(0, -4))
  expect(await kept.read()).toBeUndefined()
})

test('where nothing can be written nothing is kept, and nobody is told', async () => {
  const file = join(folder, 'a file')
  await writeFile(file, '')
  const kept = new KeptDataDirectory('one', join(file, 'below'))
  await kept.keep(dump)
  expect(await kept.read()).toBeUndefined()
})

test('copies lie in the cache folder of the user', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/caches' })).toBe(join('/caches', 'keploy-framework', 'sample-service'))
})
