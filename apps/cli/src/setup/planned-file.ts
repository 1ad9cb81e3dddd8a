import { chmod, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { CliError } from '../cli/cli-error.ts'
import { unifiedDiff } from './unified-diff.ts'

/** A file that set-up wants to be there. */
export interface WantedFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string
  readonly content: string
  readonly executable?: boolean
  /** A change that only adds what was missing, and so needs no leave. */
  readonly completes?: boolean
}

export interface PlannedFile extends WantedFile {
  readonly state: 'create' | 'change' | 'unchanged'
  /** For a change. */
  readonly diff: string
}

/** Compares what is wanted with what is there. */
export async function planFile(directory: string, wanted: WantedFile): Promise<PlannedFile> {
  const before = await readIfThere(join(directory, wanted.path))
  if (before === undefined) return { ...wanted, state: 'create', diff: '' }
  if (before === wanted.content) return { ...wanted, state: 'unchanged', diff: '' }
  return { ...wanted, state: 'change', diff: unifiedDiff(wanted.path, before, wanted.content) }
}

/** @throws {CliError} `KEPLOY_SETUP_WRITE` when the file can't be written */
export async function writePlanned(directory: string, file: PlannedFile): Promise<void> {
  const path = join(directory, file.path)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, file.content)
    if (file.executable) await chmod(path, 0o755)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new CliError('KEPLOY_SETUP_WRITE', `${file.path} can't be written here: ${reason}.`, {
      hint: 'Check the rights of the folder and the space on its disk, and run set-up again; what is written already stays.',
      cause,
    })
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
