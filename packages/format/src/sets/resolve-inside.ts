import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

import { FormatError } from '../errors.ts'

/**
 * The absolute path of a file that a recording names, which must lie inside of its set: no absolute path, no `..`, no
 * link that leads out. A file that does not exist yet is judged by the folder it would stand in.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_PATH` when the path leaves the set.
 * @example
 * const file = await resolveInside('keploy/test-set-0', 'assets/post-upload-1/body.txt')
 */
export async function resolveInside(setDirectory: string, relativePath: string): Promise<string> {
  const refuse = (reason: string, cause?: unknown): FormatError =>
    new FormatError(
      'KEPLOY_FORMAT_PATH',
      `The path ${JSON.stringify(relativePath)} ${reason}; a test may only name files of its own set.`,
      cause === undefined ? undefined : { cause },
    )
  const portable = relativePath.replaceAll('\\', '/')
  if (relativePath === '' || relativePath.includes('\0')) throw refuse('is not the name of a file')
  if (isAbsolute(relativePath) || portable.startsWith('/') || /^[A-Za-z]:/.test(portable)) throw refuse('is absolute')
  if (portable.split('/').includes('..')) throw refuse('leads out of the set')
  const root = await realpath(setDirectory)
  const wanted = resolve(root, sep === '/' ? relativePath : portable)
  const real = await realExisting(wanted)
  if (!isInside(root, real)) throw refuse('leads out of the set through a link')
  return real
}

/** The real path of what exists of a path, with the rest appended. */
async function realExisting(path: string): Promise<string> {
  const missing: string[] = []
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...missing)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(at) === at) throw error
      // A link to nothing exists as a link: what would be written through it can't be judged.
      if (await isLink(at)) return at === path ? '/' : join('/', 'outside')
      missing.unshift(basename(at))
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

function isInside(root: string, path: string): boolean {
  const from = relative(root, path)
  return from === '' || (!isAbsolute(from) && from !== '..' && !from.startsWith(`..${sep}`))
}
