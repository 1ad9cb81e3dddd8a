import type { RunEvent } from '@keploy-framework/format'

import { FILE_NAMES } from './defaults.ts'
import { ReportError } from './errors.ts'
import { createDocumentReporter } from './files/document-reporter.ts'
import { createGithubReporter } from './github/github-reporter.ts'
import { htmlParts } from './html/render-html.ts'
import { createJsonReporter } from './json/json-reporter.ts'
import { junitParts } from './junit/render-junit.ts'
import type { ReporterName, ReporterOptions } from './options.ts'
import { createPrettyReporter } from './pretty/pretty-reporter.ts'
import { redactEvent } from './redacting.ts'
import type { RunReporter } from './run-reporter.ts'

const FACTORIES: Record<ReporterName, (options: ReporterOptions) => RunReporter> = {
  pretty: createPrettyReporter,
  json: createJsonReporter,
  junit: (options) =>
    createDocumentReporter(
      {
        name: 'junit',
        fileName: FILE_NAMES.junit,
        parts: (run) => junitParts(run.result(), { notices: run.notices }),
      },
      options,
    ),
  html: (options) =>
    createDocumentReporter(
      { name: 'html', fileName: FILE_NAMES.html, parts: (run) => htmlParts(run.result(), run) },
      options,
    ),
  github: createGithubReporter,
}

/** The names that `createReporter` knows, in the order in which they are best listed. */
export const REPORTER_NAMES: readonly ReporterName[] = ['pretty', 'json', 'junit', 'html', 'github']

/**
 * A reporter by name. It never throws while the run goes on: what went wrong comes out of `finish`.
 *
 * @throws ReportError from `finish`, when a file could not be written or the reporter failed on an event
 *
 * @example
 * const reporter = createReporter('pretty', { stdout: process.stdout, stderr: process.stderr })
 * reporter.onEvent({ type: 'step', at: 0, index: 1, total: 1, title: 'Replaying 9 tests' })
 * await reporter.finish()
 */
export function createReporter(name: ReporterName, options: ReporterOptions): RunReporter {
  if (!REPORTER_NAMES.includes(name)) {
    throw new ReportError(
      'KEPLOY_REPORT_UNKNOWN',
      `There is no reporter "${name}". Choose from ${REPORTER_NAMES.join(', ')}.`,
    )
  }
  return guard(FACTORIES[name](options), options.redact)
}

function guard(reporter: RunReporter, redact: ((text: string) => string) | undefined): RunReporter {
  let failed: { error: unknown } | undefined
  return {
    name: reporter.name,
    files: reporter.files,
    onEvent(event: RunEvent) {
      if (failed) return
      try {
        reporter.onEvent(redact ? redactEvent(event, redact) : event)
      } catch (error) {
        failed = { error }
      }
    },
    async finish() {
      if (failed) throw reporterError(reporter.name, failed.error)
      try {
        await reporter.finish()
      } catch (error) {
        throw reporterError(reporter.name, error)
      }
    },
  }
}

function reporterError(name: string, error: unknown): ReportError {
  if (error instanceof ReportError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new ReportError(
    'KEPLOY_REPORT_BROKEN',
    `The reporter "${name}" failed: ${reason}. The run itself went on; leave the reporter out to go without it.`,
    { cause: error },
  )
}
