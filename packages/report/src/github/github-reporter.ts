import { appendFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { createCollector } from '../collector.ts'
import { DEFAULT_SETS } from '../defaults.ts'
import { writeError } from '../files/write-file.ts'
import type { ReporterOptions } from '../options.ts'
import type { RunReporter } from '../run-reporter.ts'
import { annotations } from './annotations.ts'
import { stepSummary } from './step-summary.ts'

/** Marks the files of failed tests in a GitHub workflow, and appends a summary to the job's page. */
export function createGithubReporter(options: ReporterOptions): RunReporter {
  const collector = createCollector()
  const files: string[] = []
  return {
    name: 'github',
    files,
    onEvent: (event) => collector.add(event),
    async finish() {
      const result = collector.result()
      const lines = annotations(result, options.sets ?? DEFAULT_SETS)
      if (lines.length > 0) options.stdout.write(`${lines.join('\n')}\n`)
      const summary = options.stepSummary ?? process.env['GITHUB_STEP_SUMMARY']
      if (summary === undefined || summary === '') return
      const file = resolve(options.cwd ?? process.cwd(), summary)
      try {
        // Appended, not replaced: the file belongs to all steps of the job.
        await appendFile(file, stepSummary(result))
      } catch (error) {
        throw writeError(file, error)
      }
      files.push(file)
    },
  }
}
