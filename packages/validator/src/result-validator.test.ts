import type { RunResult, RunStatus, TestResult, TestStatus } from '@keploy-framework/format'
import { describe, expect, test } from 'vitest'

import { ResultValidator } from './result-validator.ts'
import { ValidatorError } from './validator-error.ts'

function resultOf(
  tests: readonly (readonly [suite: string, status: TestStatus])[],
  status: RunStatus = 'failed',
): RunResult {
  const count = (wanted: TestStatus): number => tests.filter(([, found]) => found === wanted).length
  const ran = tests.length - count('skipped')
  const results = tests.map(([suite, found], index): TestResult => ({
    set: 'test-set-0',
    name: `test-${index}`,
    suite,
    file: '',
    status: found,
    method: 'GET',
    path: `/${index}`,
    durationMs: 1,
    attempts: 1,
    failures:
      found === 'failed'
        ? Array.from({ length: 7 }, (_, number) => ({ kind: 'body', path: '', message: `reason ${number}` }))
        : [],
    bound: [],
    rules: [],
    tags: [],
  }))
  return {
    version: 1,
    status,
    summary: {
      total: tests.length,
      passed: count('passed'),
      failed: count('failed'),
      blocked: count('blocked'),
      skipped: count('skipped'),
      flaky: count('flaky'),
      passRate: ran === 0 ? 0 : (count('passed') + count('flaky')) / ran,
      durationMs: 1,
    },
    sets: [{ name: 'test-set-0', tests: results }],
    mocks: { served: 0, missed: 0, unused: 0 },
  }
}

function codeOf(action: () => void): string {
  try {
    action()
  } catch (error) {
    if (error instanceof ValidatorError) return error.code
    throw error
  }
  return 'passed'
}

const passed = ['Sessions', 'passed'] as const
const failed = ['Errors', 'failed'] as const

describe('ResultValidator', () => {
  test('passes at the bar and throws below it', () => {
    const result = resultOf([passed, passed, passed, ['Errors', 'flaky'], failed])
    expect(codeOf(() => new ResultValidator({ minPassRate: 0.8 }).assertPassRate(result))).toBe('passed')
    expect(codeOf(() => new ResultValidator({ minPassRate: 0.81 }).assertPassRate(result))).toBe('KEPLOY_PASS_RATE')
    expect(codeOf(() => new ResultValidator().assertPassRate(result))).toBe('KEPLOY_PASS_RATE')
  })

  test('says in its report what was expected, per suite and per test', () => {
    const validator = new ResultValidator({ minPassRate: 0.9 })
    expect(validator.failureReport(resultOf([passed, passed, failed, ['Errors', 'blocked'], ['Errors', 'skipped']])))
      .toMatchInlineSnapshot(`
      "2 of 4 tests passed (50 %); at least 90 % must.
        Sessions: 2 of 2 (100 %)
        Errors: 0 of 2 (0 %)

      FAILED test-set-0/test-2 (GET /2)
        reason 0
        reason 1
        reason 2
        reason 3
        reason 4
        and 2 more

      BLOCKED test-set-0/test-3 (GET /3)"
    `)
  })

  test('holds suites to their own bars', () => {
    const result = resultOf([passed, passed, passed, failed])
    const validator = (suites: Record<string, number>): ResultValidator =>
      new ResultValidator({ minPassRate: 0.5, suites })
    expect(codeOf(() => validator({ Sessions: 1 }).assertPassRate(result))).toBe('passed')
    expect(() => validator({ Errors: 0.5 }).assertPassRate(result)).toThrow(
      'The suite Errors passed 0 %; at least 50 % must.',
    )
    expect(() => validator({ Health: 1 }).assertPassRate(result)).toThrow('The suite Health did not run')
    expect(validator({}).passRates(result)).toEqual([
      { suite: 'Sessions', total: 3, passed: 3, passRate: 1 },
      { suite: 'Errors', total: 1, passed: 0, passRate: 0 },
    ])
  })

  test('never takes an unfinished or an empty run for a good one', () => {
    const lenient = new ResultValidator({ minPassRate: 0 })
    expect(codeOf(() => lenient.assertPassRate(resultOf([passed], 'interrupted')))).toBe('KEPLOY_RUN_INCOMPLETE')
    expect(codeOf(() => lenient.assertPassRate(resultOf([passed], 'timed-out')))).toBe('KEPLOY_RUN_INCOMPLETE')
    expect(codeOf(() => lenient.assertPassRate(resultOf([])))).toBe('KEPLOY_NOTHING_RAN')
    expect(codeOf(() => lenient.assertPassRate(resultOf([['a', 'skipped']])))).toBe('KEPLOY_NOTHING_RAN')
    expect(lenient.passRates(resultOf([['a', 'skipped']]))[0]?.passRate).toBe(1)
  })

  test('refuses a bar that is no share', () => {
    expect(() => new ResultValidator({ minPassRate: 80 })).toThrow('Write 0.8 for 80 %.')
    expect(codeOf(() => new ResultValidator({ minPassRate: Number.NaN }))).toBe('KEPLOY_PASS_RATE_RANGE')
    expect(codeOf(() => new ResultValidator({ suites: { a: -1 } }))).toBe('KEPLOY_PASS_RATE_RANGE')
  })

  test('does not round a missed test away', () => {
    const many = Array.from({ length: 2999 }, () => passed)
    expect(new ResultValidator().failureReport(resultOf([...many, failed]))).toContain('(99.9 %)')
  })
})
