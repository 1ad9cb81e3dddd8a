import type { Failure, InputIssue, ResponseSnapshot, TestCase, TestResult } from '@keploy-framework/format'

import type { PlannedTest } from '../plan/plan-run.ts'
import type { ReadTest } from '../plan/set-source.ts'
import { requestPath } from '../send/target.ts'
import { attemptTest } from './attempt-test.ts'
import { cleanResult, snapshotActual, snapshotExpected, type ResultCleaner } from './result-cleaner.ts'
import type { Attempt, SetContext } from './set-context.ts'

export interface TestRunnerOptions {
  readonly retries: number
  readonly cleaner: ResultCleaner
  suiteOf(test: TestCase): string
  /** The file as reports show it: relative to the folder of sets. */
  fileOf(test: { readonly file: string }): string
  read(index: number): Promise<ReadTest>
  /** The tests that a test needs, in order. */
  producersOf(name: string): readonly number[]
  curlOf?(test: TestCase): string
}

/** Runs one planned test to its verdict, with retries. */
export async function runTest(
  planned: PlannedTest,
  context: SetContext,
  options: TestRunnerOptions,
): Promise<TestResult> {
  const { test, issues } = await options.read(planned.index)
  const problem = issues.find((issue) => issue.severity === 'error')
  if (test === undefined || problem !== undefined) return unreadable(planned, context, options, problem)
  if (test.annotations.skip) return withoutRun(planned, context.set, options.fileOf(planned), 'skipped')
  let attempt = await attemptTest(test, context)
  let attempts = 1
  while (attempt.status === 'failed' && attempts <= options.retries && isWorthRetrying(attempt)) {
    attempt.settle(false)
    await repeatProducers(test.name, context, options)
    attempt = await attemptTest(test, context)
    attempts += 1
  }
  // What a failed test has bound is kept as well: tests that follow need the live values, not another failure.
  attempt.settle(true)
  return resultOf(planned, attempt, attempts, context, options)
}

/** Tests that make what this one needs run again, so that a retry meets fresh values. Their verdicts stay. */
async function repeatProducers(name: string, context: SetContext, options: TestRunnerOptions): Promise<void> {
  for (const index of options.producersOf(name)) {
    const { test } = await options.read(index)
    if (test === undefined) continue
    const attempt = await attemptTest(test, context)
    attempt.settle(attempt.status === 'passed')
  }
}

function isWorthRetrying(attempt: Attempt): boolean {
  return !attempt.failures.some(({ kind }) => kind === 'invalid-test' || kind === 'crashed')
}

function resultOf(
  planned: PlannedTest,
  attempt: Attempt,
  attempts: number,
  context: SetContext,
  options: TestRunnerOptions,
): TestResult {
  const { test } = attempt
  const passed = attempt.status === 'passed'
  const base = {
    set: context.set,
    name: test.name,
    suite: options.suiteOf(test),
    file: options.fileOf(planned),
    status: passed && attempts > 1 ? ('flaky' as const) : attempt.status,
    method: test.request.method,
    path: requestPath(test.request.url),
    durationMs: attempt.durationMs,
    attempts,
    failures: attempt.failures,
    bound: attempt.bound,
    rules: attempt.rules,
    tags: planned.tags,
  }
  if (passed) return cleanResult(base, options.cleaner)
  const snapshots: { expected: ResponseSnapshot; actual?: ResponseSnapshot; curl?: string } = {
    expected: snapshotExpected(test.response),
  }
  if (attempt.actual !== undefined) snapshots.actual = snapshotActual(attempt.actual)
  if (options.curlOf !== undefined) snapshots.curl = options.curlOf(test)
  return cleanResult({ ...base, ...snapshots }, options.cleaner)
}

function unreadable(
  planned: PlannedTest,
  context: SetContext,
  options: TestRunnerOptions,
  problem: InputIssue | undefined,
): TestResult {
  const place = problem?.line === undefined ? '' : ` (line ${problem.line})`
  const what = problem?.suggestion ?? 'Correct the file or remove it.'
  const message = `${problem?.message ?? 'The file holds no test.'}${place} ${what}`
  return withoutRun(planned, context.set, options.fileOf(planned), 'failed', [
    { kind: 'invalid-test', path: '', message },
  ])
}

/** The result of a test that was not sent. */
export function withoutRun(
  planned: PlannedTest,
  set: string,
  file: string,
  status: 'failed' | 'skipped' | 'blocked',
  failures: readonly Failure[] = [],
): TestResult {
  return {
    set,
    name: planned.name,
    suite: '',
    file,
    status,
    method: '',
    path: '',
    durationMs: 0,
    attempts: 0,
    failures,
    bound: [],
    rules: [],
    tags: planned.tags,
  }
}
