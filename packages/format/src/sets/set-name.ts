import { reservedFolders } from '../defaults.ts'
import { FormatError } from '../errors.ts'

const deviceNames = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

/** In the flat layout these hold tests and mocks themselves. */
export const flatFolders: ReadonlySet<string> = new Set(['tests', 'mocks'])

/** Why a name can't be that of a set (or of a test's file); `undefined` when it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'it is not a name'
  if (/[/\\]/.test(name)) return 'it has a path separator in it'
  if (/[\u0000-\u001f\u007f<>:"|?*]/.test(name)) return "it has characters that file names can't have everywhere"
  if (name.startsWith('.') || name.endsWith('.') || name.endsWith(' ')) return 'it begins or ends with a dot or space'
  if (Buffer.byteLength(name) > 200) return 'it is longer than 200 bytes'
  if (deviceNames.test(name)) return 'it is the name of a device on Windows'
  return undefined
}

/**
 * Refuses names that are none of a set: separators, `..`, and the folders that Keploy reserves.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_SET_NAME`
 */
export function assertSetName(name: string): void {
  const reserved = reservedFolders.has(name) || flatFolders.has(name)
  const problem = reserved ? 'the folder of that name holds something else' : nameProblem(name)
  if (problem !== undefined) {
    throw new FormatError(
      'KEPLOY_FORMAT_SET_NAME',
      `${JSON.stringify(name)} can't be the name of a test set: ${problem}. Choose letters, digits, "-", "_" and ".".`,
    )
  }
}
