import { join, resolve } from 'node:path'

import { type RunResult, writeReport } from '@keploy-framework/format'

import { writeError, writeFileWhole } from '../files/write-file.ts'
import { jsonParts } from '../json/json-parts.ts'
import { redactResult } from '../redacting.ts'
import { keployReport, reportFileName } from './keploy-report.ts'
import { makeRunFolder, type StoredRun } from './run-folders.ts'

/** Name of the file that holds a run's result. */
export const RESULT_FILE = 'result.json'

/** How a run is kept. */
export interface SaveRunOptions {
  /** Everything that is written goes through it first. */
  readonly redact?: (text: string) => string
  /** When the run began, in milliseconds since the epoch. Default: now, less what the run took. */
  readonly startedAt?: number
}

/**
 * Keeps a result in the next free `reports/test-run-N` of a folder of sets: as `result.json`, and for each set as the report
 * that Keploy would have written.
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
  await writeKeployReports(run.directory, clean, options.startedAt ?? Date.now() - result.summary.durationMs)
  // Last, because a folder with a result counts as a whole run.
  await writeFileWhole(join(run.directory, RESULT_FILE), jsonParts(clean))
  return run
}

async function writeKeployReports(directory: string, result: RunResult, startedAt: number): Promise<void> {
  const taken = new Set<string>()
  for (const set of result.sets) {
    let name = reportFileName(set.name)
    while (taken.has(name)) name = `_${name}`
    taken.add(name)
    const file = join(directory, name)
    try {
      await writeReport(file, keployReport(set, result, startedAt))
    } catch (error) {
      throw writeError(file, error)
    }
  }
}
