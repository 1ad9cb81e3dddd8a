import { resolve } from 'node:path'

import { createCollector, type ResultCollector } from '../collector.ts'
import { DEFAULT_OUTPUT } from '../defaults.ts'
import type { ReporterOptions } from '../options.ts'
import type { RunReporter } from '../run-reporter.ts'
import { writeFileWhole } from './write-file.ts'

/** A document that is written when the run is over. */
export interface DocumentKind {
  readonly name: string
  readonly fileName: string
  parts(run: ResultCollector): Iterable<string>
}

/** A reporter that writes one file into the output folder at the end of the run. */
export function createDocumentReporter(kind: DocumentKind, options: ReporterOptions): RunReporter {
  const collector = createCollector()
  const files: string[] = []
  return {
    name: kind.name,
    files,
    onEvent: (event) => collector.add(event),
    async finish() {
      const file = resolve(options.cwd ?? process.cwd(), options.output ?? DEFAULT_OUTPUT, kind.fileName)
      await writeFileWhole(file, kind.parts(collector))
      files.push(file)
    },
  }
}
