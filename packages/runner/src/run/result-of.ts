import { basename } from 'node:path'

import type { Failure, InputIssue, ResponseSnapshot, TestCase, TestResult } from '@keploy-framework/format'

import type { PlannedSet, PlannedTest } from '../plan/plan-run.ts'
import { requestPath } from '../send/target.ts'
import { cleanResult, snapshotActual, snapshotExpected, type ResultCleaner } from './result-cleaner.ts'
import type { Attempt, SetContext } from './set-context.ts'

export interface ResultOptions {
  readonly cleaner: ResultCleaner
  suiteOf(test: TestCase): string
  /** The file as reports show it. */
  fileOf(test: { readonly file: string }): string
  curlOf(test: TestCase): string
}

/** The result of a test that was sent, with secrets taken out. Both sides are shown when it did not pass. */
export function resultOf(
  planned: PlannedTest,
  attempt: Attempt,
  attempts: number,
  context: SetContext,
  options: ResultOptions,
): TestResult {
  const { test } = attempt
  const passed = attempt.status === 'passed'
  const base = {
    set: context.set,
    // A text that was cut from the test's file would keep the whole file in memory until the run ends.
    name: planned.name === test.name ? planned.name : detached(test.name),
    suite: options.suiteOf(test),
    file: options.fileOf(planned),
    status: passed && attempts > 1 ? ('flaky' as const) : attempt.status,
    method: test.request.method,
    path: detached(requestPath(test.request.url)),
    durationMs: attempt.durationMs,
    attempts,
    failures: attempt.failures,
    bound: attempt.bound,
    rules: attempt.rules,
    tags: tagsOf(planned),
    ...(attempt.calls !== undefined && { calls: attempt.calls }),
  }
  if (passed) return cleanResult(base, options.cleaner)
  const sides: { expected: ResponseSnapshot; curl: string; actual?: ResponseSnapshot } = {
    expected: snapshotExpected(test.response),
    curl: options.curlOf(test),
  }
  if (attempt.actual !== undefined) sides.actual = snapshotActual(attempt.actual)
  return cleanResult({ ...base, ...sides }, options.cleaner)
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
    tags: tagsOf(planned),
  }
}

/** The result of a test whose file can't be used. */
export function unreadable(
  planned: PlannedTest,
  set: string,
  file: string,
  problem: InputIssue | undefined,
): TestResult {
  const place = problem?.line === undefined ? '' : ` (line ${problem.line})`
  const what = problem?.suggestion ?? 'Correct the file or remove it.'
  const message = `${problem?.message ?? 'The file holds no test.'}${place} ${what}`
  return withoutRun(planned, set, file, 'failed', [{ kind: 'invalid-test', path: '', message }])
}

/** The files of a set's tests as reports show them: relative to the folder of sets. */
export function filesOf(set: PlannedSet): (test: { readonly file: string }) => string {
  const folder = `${basename(set.source.directory)}/`
  return (test) => folder + test.file
}

/** A test that only runs because others need it is marked as such. */
function tagsOf({ tags, role }: PlannedTest): readonly string[] {
  return role === 'producer' ? [...tags, 'producer'] : tags
}

function detached(text: string): string {
  return ` ${text}`.slice(1)
}
