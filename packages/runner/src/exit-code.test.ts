import type { Failure, RunResult, TestResult } from '@keploy-framework/format'
import { expect, test } from 'vitest'

import { exitCodeOf } from './exit-code.ts'

function run(...kinds: (Failure['kind'] | 'passed')[]): RunResult {
  const tests = kinds.map((kind, index): TestResult => ({
    set: 'test-set-0',
    name: `test-${index}`,
    suite: '',
    file: `test-set-0/tests/test-${index}.yaml`,
    status: kind === 'passed' ? 'passed' : 'failed',
    method: 'GET',
    path: '/',
    durationMs: 1,
    attempts: 1,
    failures: kind === 'passed' ? [] : [{ kind, path: '', message: kind }],
    bound: [],
    rules: [],
    tags: [],
  }))
  const passed = kinds.filter((kind) => kind === 'passed').length
  const summary = { total: tests.length, passed, failed: tests.length - passed, blocked: 0, skipped: 0, flaky: 0 }
  return {
    version: 1,
    status: passed === tests.length ? 'passed' : 'failed',
    summary: { ...summary, passRate: passed / tests.length, durationMs: 1 },
    sets: [{ name: 'test-set-0', tests }],
    mocks: { served: 0, missed: 0, unused: 0 },
  }
}

test('a run that passed ends with 0, one with wrong answers with 1', () => {
  expect(exitCodeOf(run('passed', 'passed'))).toBe(0)
  expect(exitCodeOf(run('passed', 'body'))).toBe(1)
})

test('a service that died, or where nothing ever answered, ends the run with 3', () => {
  expect(exitCodeOf(run('passed', 'crashed'))).toBe(3)
  expect(exitCodeOf(run('refused', 'refused'))).toBe(3)
})

test('a single refused connection among answers is a failed test', () => {
  expect(exitCodeOf(run('passed', 'refused'))).toBe(1)
})
