import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { FormatError } from '../errors.ts'

let counter = 0

/**
 * Writes a file whole or not at all: into a temporary file beside it, which then takes its place.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_WRITE` naming the file and why (a full disk, missing rights); no half file stays.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path).slice(0, 100)}.${process.pid}-${counter++}.tmp`)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(temporary, content, { flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw new FormatError('KEPLOY_FORMAT_WRITE', `${path} can't be written: ${reason(error)}`, { cause: error })
  }
}

function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Free some space and try again.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'writing is not allowed there. Check the rights of the folder.'
    default:
      return `${(error as Error).message}.`
  }
}
