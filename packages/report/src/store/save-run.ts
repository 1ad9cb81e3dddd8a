import { join, resolve } from 'node:path'

import type { RunResult } from '@keploy-framework/format'

import { writeFileWhole } from '../files/write-file.ts'
import { jsonParts } from '../json/json-parts.ts'
import { redactResult } from '../redacting.ts'
import { makeRunFolder, type StoredRun } from './run-folders.ts'

/** Name of the file that holds a run's result. */
export const RESULT_FILE = 'result.json'

/** How a run is kept. */
export interface SaveRunOptions {
  /** Everything that is written goes through it first. */
  readonly redact?: (text: string) => string
}

/**
 * Keeps a result in the next free `reports/test-run-N` of a folder of sets.
 *
 * @param directory the folder of sets, usually `keploy`
 * @throws ReportError when it cannot be written
 *
 * @example
 * const { directory } = await saveRun('keploy', result)
 */
export async function saveRun(directory: string, result: RunResult, options: SaveRunOptions = {}): Promise<StoredRun> {
  const run = await makeRunFolder(resolve(directory, 'reports'))
  const clean = options.redact ? redactResult(result, options.redact) : result
  await writeFileWhole(join(run.directory, RESULT_FILE), jsonParts(clean))
  return run
}
