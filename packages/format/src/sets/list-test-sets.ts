import { readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

import { flatSetName, reservedFolders } from '../defaults.ts'
import { FormatError } from '../errors.ts'
import { flatFolders } from './set-name.ts'

/** A set and where it lies. */
export interface TestSetLocation {
  readonly name: string
  readonly directory: string
}

/**
 * The sets in a folder of sets (`keploy/`), in natural order (`test-set-2` before `test-set-10`). The flat layout
 * `keploy/tests/*.yaml` is one set with the name `default`. Folders reached through links that leave the folder, and the
 * folders that Keploy reserves (`reports`, `schema`…), are no sets.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_NOT_FOUND` when there is no such folder.
 * @example
 * for (const { name, directory } of await listTestSets('keploy')) console.log(name, directory)
 */
export async function listTestSets(directory: string): Promise<TestSetLocation[]> {
  const names = await readFolder(directory)
  const root = await realpath(directory)
  const found: TestSetLocation[] = []
  if (names.has('tests') && (await holdsTests(join(directory, 'tests')))) {
    found.push({ name: flatSetName, directory })
  }
  for (const name of names) {
    if (reservedFolders.has(name) || flatFolders.has(name) || name.startsWith('.')) continue
    const path = join(directory, name)
    if (!(await isInside(root, path))) continue
    if ((await holdsTests(join(path, 'tests'))) || (await holdsStreams(path))) found.push({ name, directory: path })
  }
  return found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

async function readFolder(directory: string): Promise<Set<string>> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return new Set(entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name))
  } catch (error) {
    throw new FormatError(
      'KEPLOY_FORMAT_NOT_FOUND',
      `The folder of test sets ${directory} can't be read: record something first, or name the right folder.`,
      { cause: error },
    )
  }
}

async function isInside(root: string, path: string): Promise<boolean> {
  try {
    const from = relative(root, await realpath(path))
    return from !== '..' && !from.startsWith(`..${sep}`)
  } catch {
    return false
  }
}

/** Whether a file is named like a test's. */
export function isTestFile(name: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(name) && !name.startsWith('.')
}

async function holdsTests(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).some(isTestFile)
  } catch {
    return false
  }
}

async function holdsStreams(directory: string): Promise<boolean> {
  try {
    return (await readdir(join(directory, 'streams'))).some(isTestFile)
  } catch {
    return false
  }
}
