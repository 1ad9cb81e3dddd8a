import type { RunResult, TestResult } from '@keploy-framework/format'

/** How the tests of one suite ended. */
export interface SuitePassRate {
  readonly suite: string
  /** Tests that ran: all but the skipped ones. */
  readonly total: number
  /** Passed and flaky ones. */
  readonly passed: number
  /** 0 to 1; 1 when every test of the suite was skipped. */
  readonly passRate: number
}

/** Every test of a run, in order. */
export function testsOf(result: RunResult): TestResult[] {
  return result.sets.flatMap(({ tests }) => tests)
}

export function isPassed({ status }: TestResult): boolean {
  return status === 'passed' || status === 'flaky'
}

/** The pass rate of each suite, in the order in which suites first appear. */
export function suitePassRates(result: RunResult): SuitePassRate[] {
  const suites = new Map<string, { total: number; passed: number }>()
  for (const test of testsOf(result)) {
    const counts = suites.get(test.suite) ?? { total: 0, passed: 0 }
    suites.set(test.suite, counts)
    if (test.status === 'skipped') continue
    counts.total++
    if (isPassed(test)) counts.passed++
  }
  return Array.from(suites, ([suite, { total, passed }]) => ({
    suite,
    total,
    passed,
    passRate: total === 0 ? 1 : passed / total,
  }))
}

/** A share as people read it: `88.9 %`. Rounded down, so that only a full pass reads as 100 %. */
export function percent(rate: number): string {
  return `${Math.floor(rate * 1000 + 1e-9) / 10} %`
}
