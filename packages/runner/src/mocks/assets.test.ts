import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Call } from '@keploy-framework/format'
import { appendMocks } from '@keploy-framework/recorder'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { loadMocks } from './load-mocks.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keploy-assets-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const body = 'long '.repeat(20_000)
const call: Call = {
  protocol: 'postgres',
  id: 1,
  connection: 1,
  dependency: 'postgres db:5432',
  operation: 'SELECT',
  request: { sql: 'SELECT body', params: [] },
  response: { columns: [{ name: 'body', type: 'text' }], rows: [[body]], tag: 'SELECT 1' },
  lifetime: 'test',
  state: 'complete',
  startedAt: 1_700_000_000_000,
  endedAt: 1_700_000_000_001,
}

it('keeps long values of calls in files of the set, and gives them back', async () => {
  expect(await appendMocks([call], new Map(), { directory: folder, testSet: 'set' })).toBe(1)
  expect(await readdir(join(folder, 'set/assets/mock-0'))).toEqual(['1.txt'])
  const { calls, issues } = await loadMocks(join(folder, 'set'), async () => [])
  expect(issues).toEqual([])
  expect(calls[0]?.response()).toEqual(call.response)
})

it('says which file is gone, and follows none out of the set', async () => {
  await appendMocks([call], new Map(), { directory: folder, testSet: 'set' })
  const file = join(folder, 'set/assets/mock-0/1.txt')
  await rm(file)
  const gone = await loadMocks(join(folder, 'set'), async () => [])
  expect(gone.issues).toMatchObject([
    { code: 'KEPLOY_MOCK_INVALID', message: expect.stringContaining('assets/mock-0/1.txt') },
  ])
  await mkdir(join(folder, 'elsewhere'))
  await writeFile(join(folder, 'elsewhere/1.txt'), 'not yours')
  await symlink(join(folder, 'elsewhere/1.txt'), file)
  expect((await loadMocks(join(folder, 'set'), async () => [])).issues).toHaveLength(1)
})
