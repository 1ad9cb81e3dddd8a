import { resolve } from 'node:path'

import type { RunResult } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { createReporter, saveRun } from '@keploy-framework/report'
import { KeployTestRunner as BareTestRunner } from '@keploy-framework/runner'
import type { KeployTestRunnerOptions } from '@keploy-framework/runner'

/**
 * The test runner with its report wired in: `generateReport` writes an HTML page to `keploy-report/report.html` and keeps
 * the run under `reports/` of the folder of sets.
 *
 * @throws {RunnerError} from `runAllTests`, for an address or a selection that can't be used.
 * @example
 * const runner = new KeployTestRunner({ apiUrl: 'http://127.0.0.1:8000' })
 * const { summary } = await runner.runAllTests({ validate: true, generateReport: true })
 */
export class KeployTestRunner extends BareTestRunner {
  constructor(options: KeployTestRunnerOptions) {
    const directory = resolve(options.directory ?? 'keploy')
    super({ report: (result) => writeReport(result, directory, options), ...options })
  }
}

async function writeReport(result: RunResult, directory: string, options: KeployTestRunnerOptions): Promise<void> {
  const redactor = options.redactor ?? createRedactor()
  const redact = (text: string) => redactor.text(text, 'report')
  await saveRun(directory, result, { redact })
  const { stdout, stderr } = process
  const page = createReporter('html', { stdout, stderr, redact })
  page.onEvent({ type: 'run-finished', at: Date.now(), result })
  await page.finish()
}
