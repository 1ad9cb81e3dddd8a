import type { RunEvent, RunResult } from '@keploy-framework/format'

import { createReporter } from '../create-reporter.ts'
import type { ReporterName, ReporterOptions } from '../options.ts'
import { memoryStream } from './memory-stream.ts'
import { eventsOf } from './sample-run.ts'

/** Sends a run through a reporter, and returns what it printed and the files that it wrote. */
export async function report(
  name: ReporterName,
  result: RunResult,
  options: Partial<ReporterOptions> & {
    readonly extra?: readonly RunEvent[]
    readonly events?: readonly RunEvent[]
  } = {},
) {
  const { extra = [], events = eventsOf(result, extra), ...rest } = options
  const stdout = memoryStream()
  const stderr = memoryStream()
  const reporter = createReporter(name, { stdout, stderr, width: 80, ...rest })
  for (const event of events) reporter.onEvent(event)
  await reporter.finish()
  return { stdout: stdout.text, stderr: stderr.text, files: reporter.files }
}
