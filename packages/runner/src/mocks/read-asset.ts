import { readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'

/** How the recorder names the files of long values; nothing else is read. */
const NAME = /^assets\/[\w.-]+\/\d+\.(?:bin|txt)$/

/** Reads the file of a long value of a mock; nothing where it is not there, or leads out of its set. */
export function assetReader(setDirectory: string): (path: string) => Uint8Array | undefined {
  return (path) => {
    if (!NAME.test(path) || path.includes('..')) return undefined
    try {
      const root = realpathSync(setDirectory)
      const file = realpathSync(join(root, path))
      return file.startsWith(root + sep) ? readFileSync(file) : undefined
    } catch {
      return undefined
    }
  }
}
