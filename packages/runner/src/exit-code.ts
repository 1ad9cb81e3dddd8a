import type { RunResult } from '@keploy-framework/format'

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
  const crashed = result.sets.some((set) =>
    set.tests.some((test) => test.failures.some((failure) => failure.kind === 'crashed')),
  )
  return crashed ? 3 : 1
}
