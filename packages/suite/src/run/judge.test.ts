import { expect, it } from 'vitest'

import type { Outcome, TestFile } from '../model.ts'
import { testFile } from '../testing/samples.ts'
import { combineRepeats, isQuarantined, judge } from './judge.ts'
import { partResults } from './part-results.ts'

const a = testFile('a.test.ts')
const outcome = (parts: Partial<Outcome> = {}): Outcome => ({
  path: 'a.test.ts',
  name: 'adds',
  status: 'passed',
  durationMs: 1,
  message: '',
  ...parts,
})
const part = (files: TestFile[]) => ({ project: a.project, files, critical: false, alone: false })
const told = (files: TestFile[], result: Parameters<typeof partResults>[1]) =>
  partResults(part(files), result).map(({ result: test }) => [test.name, test.status, test.failures[0]?.message ?? ''])

it('fails a file that the report does not name', () => {
  expect(told([a, testFile('b.test.ts')], { outcomes: [outcome()] })).toEqual([
    ['adds', 'passed', ''],
    ['b.test.ts', 'failed', 'The runner reported no test of this file.'],
  ])
})

it('takes files as skipped that a runner left out after a failure, as it was told to', () => {
  const files = [a, testFile('b.test.ts')]
  const statuses = (status: Outcome['status'], failFast: boolean) =>
    partResults(part(files), { outcomes: [outcome({ status })] }, failFast).map(({ result }) => result.status)
  expect(statuses('failed', true)).toEqual(['failed', 'skipped'])
  expect(statuses('failed', false)).toEqual(['failed', 'failed'])
  expect(statuses('passed', true)).toEqual(['passed', 'failed'])
})

it('fails with the runner when nothing else says that it failed', () => {
  const problem = { kind: 'assertion' as const, message: 'exit code 1' }
  expect(told([a], { outcomes: [outcome()], problem })).toEqual([
    ['adds', 'passed', ''],
    ['(runner)', 'failed', 'exit code 1'],
  ])
  expect(told([a], { outcomes: [], problem: { kind: 'crashed', message: 'killed' } })).toEqual([
    ['a.test.ts', 'failed', 'killed'],
  ])
})

it('keeps tests of the same name apart, and failures of files that nobody asked for', () => {
  const outcomes = [
    outcome(),
    outcome({ status: 'failed' }),
    outcome({ path: 'x.test.ts' }),
    outcome({ path: 'x.test.ts', name: 'x', status: 'failed' }),
  ]
  expect(told([a], { outcomes }).map(([name, status]) => [name, status])).toEqual([
    ['adds', 'passed'],
    ['adds (2)', 'failed'],
    ['x', 'failed'],
  ])
})

const tests = (...statuses: Outcome['status'][]) =>
  statuses.map((status) => partResults(part([a]), { outcomes: [outcome({ status })] }))

it('fails a test that failed in one of several runs, as flaky', () => {
  const [mixed] = combineRepeats(tests('passed', 'failed', 'passed'))
  expect(mixed?.result).toMatchObject({ status: 'failed', attempts: 3, tags: ['unit', 'flaky'] })
  expect(mixed?.result.failures[0]?.message).toMatch(/^It failed in 1 of 3 runs/)
  expect(combineRepeats(tests('failed', 'failed'))[0]?.result.tags).toEqual(['unit'])
  expect(combineRepeats(tests('passed', 'passed'))[0]?.result.status).toBe('passed')
})

const quarantine = [{ test: 'a.test.ts > adds', reason: 'races', until: '2026-12-31' }]

it('does not count a failure under quarantine, and says by which rule', () => {
  const [failed] = tests('failed')
    .flat()
    .map((test) => judge(test, quarantine))
  expect(failed?.result).toMatchObject({ status: 'skipped', rules: [{ rule: 'quarantine until 2026-12-31: races' }] })
  expect(failed?.result.failures).toHaveLength(1)
  expect(failed !== undefined && isQuarantined(failed.result)).toBe(true)
})

it('fails a mission-critical test that was skipped, and lets no quarantine cover one', () => {
  const file = { ...a, critical: true }
  const verdict = (status: Outcome['status']) =>
    tests(status)
      .flat()
      .map(({ result }) => judge({ file, result }, quarantine).result.status)
  expect([verdict('skipped'), verdict('failed'), verdict('passed')]).toEqual([['failed'], ['failed'], ['passed']])
})
