import type { ReporterOptions } from '@keploy-framework/report'

import type { CliIo } from './io.ts'

export interface ReportStreamOptions {
  readonly output?: string | undefined
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  readonly noColor?: boolean
  /** The folder of sets, as seen from the working folder. */
  readonly sets: string
}

/** What reporters need of the process: colours only on a terminal and without `NO_COLOR`, progress only on a terminal. */
export function reporterOptions(io: CliIo, options: ReportStreamOptions): ReporterOptions {
  const noColor = options.noColor === true || (io.env['NO_COLOR'] ?? '') !== ''
  const inCi = (io.env['CI'] ?? '') !== ''
  const summary = io.env['GITHUB_STEP_SUMMARY']
  return {
    stdout: io.stdout,
    stderr: io.stderr,
    cwd: io.cwd,
    sets: options.sets,
    color: io.stdout.isTTY === true && !noColor,
    live: io.stderr.isTTY === true && !inCi && options.quiet !== true,
    // Terminals without a size say 0.
    width: Math.max(40, io.stdout.columns || 80),
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    ...(options.output === undefined ? {} : { output: options.output }),
    ...(summary ? { stepSummary: summary } : {}),
  }
}
