import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { HISTORY_RUNS } from '../defaults.ts'
import { addToHistory, readHistory } from './history.ts'
import type { HistoryRun } from './history.ts'
import { fileHistory, findFlaky, findSlower } from './statistics.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'keploy-history-'))
  onTestFinished(async () => await rm(path, { recursive: true, force: true }))
  return join(path, 'reports/history')
}

const run = (at: number, status: 'passed' | 'failed', parts: Partial<HistoryRun> = {}): HistoryRun => ({
  at,
  revision: 'r1',
  costs: { 'p:a': at * 10 },
  tests: [{ file: 'p:a', name: 'adds\n"x"', status, ms: 1.5 }],
  ...parts,
})

test('runs are kept in order, also when many end at once, and the oldest ones go', async () => {
  const path = await folder()
  const runs = Array.from({ length: HISTORY_RUNS + 10 }, (_, index) => run(index + 1, 'passed'))
  await Promise.all(runs.map(async (each) => await addToHistory(path, each)))
  await addToHistory(path, run(1_000, 'failed'))
  const kept = await readHistory(path)
  expect(kept).toHaveLength(HISTORY_RUNS)
  expect(kept.at(-1)).toEqual(run(1_000, 'failed'))
  expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).toSorted((a, b) => a - b))
  expect((await readdir(path)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('what is damaged is passed over', async () => {
  const path = await folder()
  await addToHistory(path, run(1, 'passed'))
  const good =
    '{"v":1,"at":2,"costs":{"p:a":"x","__proto__":1}}\n{"file":"p:a","name":"n","status":"passed","ms":1}\n{"file":1}\n{"cut'
  await writeFile(join(path, '000000000000002-1-a.jsonl'), good)
  await writeFile(join(path, '000000000000003-1-a.jsonl'), '\u0000\u0000')
  await writeFile(join(path, '000000000000004-1-a.jsonl'), '{"v":9,"at":1}')
  await writeFile(join(path, 'other.txt'), 'x')
  const runs = await readHistory(path)
  expect(runs.map(({ at, tests }) => [at, tests.length])).toEqual([
    [1, 1],
    [2, 1],
  ])
  expect(await readHistory(join(path, 'none'))).toEqual([])
})

test('tell what a file costs, and whether it failed last', () => {
  const known = fileHistory([run(1, 'failed'), run(2, 'passed'), run(9, 'passed')])
  expect(known.get('p:a')).toEqual({ costMs: 20, runs: 3, failures: 1, failedLast: false })
  expect(fileHistory([run(1, 'passed'), run(2, 'failed')]).get('p:a')?.failedLast).toBe(true)
})

test('a test is flaky when it passed and failed with the same sources', () => {
  const name = 'adds\n"x"'
  expect(findFlaky([run(1, 'passed'), run(2, 'failed'), run(3, 'passed')])).toEqual({
    tests: [{ file: 'p:a', name, failures: 1, runs: 3 }],
    measured: 1,
    rate: 1,
  })
  expect(findFlaky([run(1, 'passed'), run(2, 'failed', { revision: 'r2' })])).toEqual({
    tests: [],
    measured: 0,
    rate: 0,
  })
  const { revision: _revision, ...unknown } = run(1, 'failed')
  expect(findFlaky([unknown, run(1, 'passed')]).tests).toEqual([])
})

test('a test whose duration has doubled is slower, once it is known and the difference is more than noise', () => {
  const timed = (...times: number[]) =>
    times.map((ms, index) => run(index, 'passed', { tests: [{ file: 'p:a', name: 'adds', status: 'passed', ms }] }))
  expect(findSlower(timed(900, 5_000, 1_000), timed(2_000))).toEqual([
    { file: 'p:a', name: 'adds', ms: 2_000, usualMs: 1_000 },
  ])
  expect(findSlower(timed(900, 5_000, 1_000), timed(1_999))).toEqual([])
  expect(findSlower(timed(900, 1_000), timed(9_000))).toEqual([])
  expect(findSlower(timed(10, 10, 10), timed(499))).toEqual([])
  // One slow round of several is chance.
  expect(findSlower(timed(900, 5_000, 1_000), timed(9_000, 1_100))).toEqual([])
  const failed = run(9, 'failed', { tests: [{ file: 'p:a', name: 'adds', status: 'failed', ms: 9_000 }] })
  expect(findSlower(timed(1, 1, 1), [failed])).toEqual([])
})
