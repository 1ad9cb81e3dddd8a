import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { assertSetName } from '@keploy-framework/format'

import { CliError } from '../../cli/cli-error.ts'
import { exitCode } from '../../cli/exit-code.ts'
import { hasMocks } from '../test/dependency-options.ts'

/** The sets that have mocks: those that are named, or all. */
export async function mockSets(
  directory: string,
  shown: string,
  names: readonly string[],
): Promise<{ readonly name: string; readonly directory: string }[]> {
  // A name leads nowhere but into the folder of sets.
  for (const name of names) assertSetName(name)
  const all = names.length > 0 ? names : await foldersOf(directory)
  const found: { name: string; directory: string }[] = []
  for (const name of all) {
    const set = join(directory, name)
    if (await hasMocks(set)) found.push({ name, directory: set })
    else if (names.length > 0) throw noMocks(`The set ${name} in ${shown} has no mocks.`)
  }
  if (found.length === 0) throw noMocks(`No set in ${shown} has mocks.`)
  return found
}

async function foldersOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

function noMocks(message: string): CliError {
  return new CliError('KEPLOY_NOTHING_TO_RUN', message, {
    exitCode: exitCode.nothingToRun,
    hint: 'Record some first: keploy-framework mock --record -- COMMAND, or record tests of a service.',
  })
}
