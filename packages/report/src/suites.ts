import type { RunResult, TestResult } from '@keploy-framework/format'

/** Counts of one suite over the whole run. */
export interface SuiteSummary {
  readonly name: string
  readonly total: number
  /** Passed, with those that passed only after a retry. */
  readonly passed: number
  readonly failed: number
  readonly blocked: number
  readonly skipped: number
  readonly flaky: number
}

/** The suite of a test; that of one which was not run is not known. */
export function suiteOf({ suite }: TestResult): string {
  return suite === '' ? '(not run)' : suite
}

/** A test by its request, or by its name when it was not run and its request is not known. */
export function titleOf({ method, path, name }: TestResult): string {
  return method === '' ? name : `${method} ${path}`
}

/** Tests by suite, in the order in which the suites first appear. */
export function groupBySuite(tests: readonly TestResult[]): Map<string, TestResult[]> {
  const groups = new Map<string, TestResult[]>()
  for (const test of tests) {
    const suite = suiteOf(test)
    const group = groups.get(suite)
    if (group) group.push(test)
    else groups.set(suite, [test])
  }
  return groups
}

/**
 * The counts of every suite.
 *
 * @example
 * summarizeSuites(result).map((suite) => `${suite.name}: ${suite.passed}`)
 */
export function summarizeSuites(result: RunResult): SuiteSummary[] {
  const groups = groupBySuite(result.sets.flatMap((set) => set.tests))
  return [...groups].map(([name, tests]) => countTests(tests, name))
}

/** Counts of some tests under a name. */
export function countTests(tests: readonly TestResult[], name = ''): SuiteSummary {
  const counts = { passed: 0, failed: 0, blocked: 0, skipped: 0, flaky: 0 }
  for (const { status } of tests) counts[status] += 1
  return { name, ...counts, passed: counts.passed + counts.flaky, total: tests.length }
}
