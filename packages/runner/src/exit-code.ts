import type { Failure, RunResult, TestResult } from '@keploy-framework/format'

/** The exit codes of a run. */
export type RunExitCode = 0 | 1 | 3 | 4 | 130

/**
 * What a finished run means to the shell: 0 passed, 1 tests failed, 3 the service could not start or died, 4 nothing to
 * run, 130 interrupted.
 *
 * @example
 * process.exitCode = exitCodeOf(result)
 */
export function exitCodeOf(result: RunResult): RunExitCode {
  if (result.status === 'interrupted') return 130
  if (result.summary.total === result.summary.skipped) return 4
  if (result.status === 'passed') return 0
  return serviceFailed(result) ? 3 : 1
}

/** Whether the service died, or was never there: nothing answered, and no test was even connected. */
function serviceFailed(result: RunResult): boolean {
  const run = result.sets.flatMap((set) => set.tests).filter((test) => test.status !== 'skipped')
  const failedBy = (kind: Failure['kind']) => (test: TestResult) => test.failures.some((each) => each.kind === kind)
  return run.some(failedBy('crashed')) || run.every(failedBy('refused'))
}
