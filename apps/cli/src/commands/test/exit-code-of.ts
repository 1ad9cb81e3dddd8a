import type { RunEvent, RunResult } from '@keploy-framework/format'

import { exitCode } from '../../cli/exit-code.ts'
import type { ExitCode } from '../../cli/exit-code.ts'

/** Notices that mean: the service, not the tests, ended the run. */
const SERVICE_CODES = new Set([
  'KEPLOY_COMMAND_NOT_FOUND',
  'KEPLOY_PORT_IN_USE',
  'KEPLOY_SERVICE_EXITED',
  'KEPLOY_SERVICE_NOT_READY',
  'KEPLOY_SERVICE_DIED',
])

/** Whether an event says that the service could not start or died. */
export function isServiceFailure(event: RunEvent): boolean {
  return event.type === 'notice' && event.level === 'error' && SERVICE_CODES.has(event.code)
}

/** What a run's end means for the shell. */
export function exitCodeOf(result: RunResult, seen: { serviceFailed: boolean; reporterFailed: boolean }): ExitCode {
  if (result.status === 'interrupted') return exitCode.interrupted
  if (seen.serviceFailed) return exitCode.service
  if (result.summary.total === 0 || result.summary.total === result.summary.skipped) return exitCode.nothingToRun
  return result.status === 'passed' && !seen.reporterFailed ? exitCode.ok : exitCode.failed
}
