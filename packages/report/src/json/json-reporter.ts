import { resolve } from 'node:path'

import { createCollector } from '../collector.ts'
import { FILE_NAMES } from '../defaults.ts'
import { writeFileWhole } from '../files/write-file.ts'
import { writeToStream } from '../files/write-output.ts'
import type { ReporterOptions } from '../options.ts'
import type { RunReporter } from '../run-reporter.ts'
import { jsonParts } from './json-parts.ts'

/** Writes the whole result as one JSON document: to standard output, or to `report.json` when there is an output folder. */
export function createJsonReporter(options: ReporterOptions): RunReporter {
  const collector = createCollector()
  const files: string[] = []
  return {
    name: 'json',
    files,
    onEvent: (event) => collector.add(event),
    async finish() {
      const parts = jsonParts(collector.result())
      if (options.output === undefined) return writeToStream(options.stdout, parts)
      const file = resolve(options.cwd ?? process.cwd(), options.output, FILE_NAMES.json)
      await writeFileWhole(file, parts)
      files.push(file)
    },
  }
}
