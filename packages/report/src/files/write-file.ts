import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { ReportError } from '../errors.ts'
import { inPieces } from './write-output.ts'

let written = 0

/**
 * Writes a file as a whole or not at all: into a temporary file beside it, which then takes its name. Folders on the way are
 * made.
 *
 * @throws ReportError when there is no space (`KEPLOY_REPORT_FULL`), no permission (`KEPLOY_REPORT_DENIED`), or anything else
 * is in the way (`KEPLOY_REPORT_WRITE`)
 *
 * @example
 * await writeFileWhole('/tmp/reports/report.json', ['{}'])
 */
export async function writeFileWhole(path: string, parts: Iterable<string>): Promise<void> {
  written += 1
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${written}.tmp`)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writePieces(temporary, parts)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeError(path, error)
  }
}

async function writePieces(path: string, parts: Iterable<string>): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for (const piece of inPieces(parts)) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}

/** What a failed write means for the person who asked for the report. */
export function writeError(path: string, error: unknown): ReportError {
  // Files of Keploy's form are written by `format`, whose errors carry that of the system as their cause.
  const { code: own, cause: inner } = (error ?? {}) as NodeJS.ErrnoException
  const code = own?.startsWith('KEPLOY_') ? (inner as NodeJS.ErrnoException | undefined)?.code : own
  const cause = { cause: error }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ReportError(
      'KEPLOY_REPORT_FULL',
      `No space left to write ${path}. Free some space, or choose another folder with --output.`,
      cause,
    )
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ReportError(
      'KEPLOY_REPORT_DENIED',
      `Not allowed to write ${path}. Change its permissions, or choose another folder with --output.`,
      cause,
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new ReportError(
    'KEPLOY_REPORT_WRITE',
    `Could not write ${path}: ${reason}. Choose another folder with --output.`,
    cause,
  )
}
