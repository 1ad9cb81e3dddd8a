import { listTestSets, openTestSet } from '@keploy-framework/format'

/** What lies on disk now. */
export interface MenuStatus {
  readonly tests: number
  /** Names of sets, in natural order. */
  readonly sets: readonly string[]
}

/** Counts the tests by reading the folders: the line in the menu is never a guess. */
export async function readStatus(setsDirectory: string): Promise<MenuStatus> {
  const sets = await listTestSets(setsDirectory).catch(() => [])
  let tests = 0
  for (const { name, directory } of sets) {
    const reader = await openTestSet(directory, { name }).catch(() => undefined)
    tests += reader?.index.length ?? 0
  }
  return { tests, sets: sets.map(({ name }) => name) }
}

/** `9 test cases ready`, or what to do when there are none. */
export function statusLine({ tests, sets }: MenuStatus): string {
  if (tests === 0) return 'No test cases yet'
  const cases = `${tests} test ${tests === 1 ? 'case' : 'cases'} ready`
  return sets.length > 1 ? `${cases} in ${sets.length} sets` : cases
}
