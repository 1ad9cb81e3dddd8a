import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { ReportError } from '../errors.ts'
import { writeError } from '../files/write-file.ts'

/** A run whose result lies on disk. */
export interface StoredRun {
  /** N of `test-run-N`; a later run has a greater one. */
  readonly number: number
  /** Absolute path of the run's folder. */
  readonly directory: string
}

const NAME = /^test-run-(0|[1-9]\d{0,8})$/
const TRIES = 1000

/** Folders `test-run-N` of a folder of reports, oldest first; none when the folder is not there. */
export async function runFolders(reports: string): Promise<StoredRun[]> {
  let names: string[]
  try {
    names = await readdir(reports)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new ReportError('KEPLOY_REPORT_READ', `Could not read ${reports}. Check that it is a folder you may read.`, {
      cause: error,
    })
  }
  return names
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1]
      return number === undefined ? [] : [{ number: Number(number), directory: join(reports, name) }]
    })
    .sort((a, b) => a.number - b.number)
}

/** Makes the next folder. Two runs at the same time get two folders, because making one that exists fails. */
export async function makeRunFolder(reports: string): Promise<StoredRun> {
  try {
    await mkdir(reports, { recursive: true })
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const number = ((await runFolders(reports)).at(-1)?.number ?? -1) + 1
      const directory = join(reports, `test-run-${number}`)
      if (await madeNew(directory)) return { number, directory }
    }
  } catch (error) {
    throw error instanceof ReportError ? error : writeError(reports, error)
  }
  throw new ReportError(
    'KEPLOY_REPORT_WRITE',
    `Could not make a new folder in ${reports}: another run always came first.`,
  )
}

async function madeNew(directory: string): Promise<boolean> {
  try {
    await mkdir(directory)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Whether a file is there. */
export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ?? false
}
