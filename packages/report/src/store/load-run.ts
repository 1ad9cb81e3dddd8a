import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import type { RunResult } from '@keploy-framework/format'

import { ReportError } from '../errors.ts'
import { isFile, runFolders, type StoredRun } from './run-folders.ts'
import { RESULT_FILE } from './save-run.ts'

/** A run with its result. */
export interface LoadedRun extends StoredRun {
  readonly result: RunResult
}

/**
 * The runs that were kept in a folder of sets, oldest first. Folders without a result, as Keploy itself writes them, and runs
 * that are still being written, are left out.
 *
 * @throws ReportError when the folder cannot be read
 *
 * @example
 * for (const { number } of await listRuns('keploy')) process.stdout.write(`test-run-${number}\n`)
 */
export async function listRuns(directory: string): Promise<StoredRun[]> {
  const folders = await runFolders(resolve(directory, 'reports'))
  const complete = await Promise.all(folders.map((run) => isFile(join(run.directory, RESULT_FILE))))
  return folders.filter((_, index) => complete[index])
}

/**
 * The latest run that was kept in a folder of sets; undefined when there is none.
 *
 * @throws ReportError when it cannot be read (`KEPLOY_REPORT_READ`), or was written by a later version of the tool
 * (`KEPLOY_REPORT_VERSION`)
 *
 * @example
 * const last = await loadLastRun('keploy')
 */
export async function loadLastRun(directory: string): Promise<LoadedRun | undefined> {
  const last = (await listRuns(directory)).at(-1)
  return last && loadRun(last)
}

/**
 * The result of one kept run.
 *
 * @throws ReportError as `loadLastRun` does
 *
 * @example
 * const [first] = await listRuns('keploy')
 * const run = first && (await loadRun(first))
 */
export async function loadRun(run: StoredRun): Promise<LoadedRun> {
  const file = join(run.directory, RESULT_FILE)
  return { ...run, result: checked(file, await parsed(file)) }
}

async function parsed(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error), error)
  }
}

function checked(file: string, value: unknown): RunResult {
  const candidate = value as Partial<RunResult> | null
  if (typeof candidate !== 'object' || candidate === null) throw unreadable(file, 'it holds no result')
  if (candidate.version !== 1) {
    const version = String(candidate.version)
    throw new ReportError(
      'KEPLOY_REPORT_VERSION',
      `${file} has version ${version}, which this version of the tool does not know. Update the tool, or run the tests again.`,
    )
  }
  const whole = candidate.summary && candidate.mocks && Array.isArray(candidate.sets)
  if (!whole || !candidate.sets?.every((set) => Array.isArray(set?.tests)))
    throw unreadable(file, 'parts of it are missing')
  return candidate as RunResult
}

function unreadable(file: string, reason: string, cause?: unknown): ReportError {
  return new ReportError(
    'KEPLOY_REPORT_READ',
    `Could not read ${file}: ${reason}. Delete the folder it lies in, or run the tests again.`,
    { cause },
  )
}
