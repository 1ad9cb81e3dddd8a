import picomatch from 'picomatch'

import { RunnerError } from '../errors.ts'
import type { TestOutline, TestSetSource } from './set-source.ts'

/** Which tests run. Empty lists choose nothing in particular: everything runs. */
export interface Selection {
  /** Globs of set names. Default: all. */
  readonly testSets?: readonly string[]
  /** Globs of test names, or of `set/test`. Default: all. */
  readonly tests?: readonly string[]
  /** A test runs when it has one of them. Default: any. */
  readonly tags?: readonly string[]
  /** By set name: globs of the tests that run, an empty list for all; sets that are not named don't run. */
  readonly selected?: Readonly<Record<string, readonly string[]>>
  /** By set name: globs of the tests that don't run, an empty list for all. */
  readonly ignored?: Readonly<Record<string, readonly string[]>>
}

export interface PlannedTest extends TestOutline {
  /** Its place in the set's source. */
  readonly index: number
  /** `producer`: nobody asked for it, but a selected test needs a value that it makes. */
  readonly role: 'selected' | 'producer'
}

export interface PlannedSet {
  readonly source: TestSetSource
  readonly tests: readonly PlannedTest[]
}

/** What will run, and in which order: decided before anything is started. */
export interface Plan {
  readonly sets: readonly PlannedSet[]
  /** Tests over all sets, skipped ones included; 0 means that there is nothing to run. */
  readonly total: number
}

/**
 * The earlier tests that a test needs, by set and test name.
 */
export type Producers = (set: string, test: string) => readonly string[]

/**
 * Decides what runs. Sets keep their order, and tests that in which they were recorded. `only` anywhere leaves out all
 * other tests; a skipped test stays in the plan, to be reported as skipped.
 *
 * @throws RunnerError `KEPLOY_SELECTION_INVALID` for a glob that can't be read
 * @example
 * planRun([source], { tests: ['post-*'] }).total
 */
export function planRun(
  sources: readonly TestSetSource[],
  selection: Selection = {},
  producersOf: Producers = () => [],
): Plan {
  const chosen = sources.map((source) => ({ source, names: chooseTests(source, selection) }))
  const only = chosen.some(({ source, names }) => source.tests.some((test) => test.only && names.has(test.name)))
  const sets: PlannedSet[] = []
  for (const { source, names } of chosen) {
    if (only) for (const test of source.tests) if (!test.only) names.delete(test.name)
    if (names.size === 0) continue
    sets.push({ source, tests: withProducers(source, names, producersOf) })
  }
  return { sets, total: sets.reduce((sum, set) => sum + set.tests.length, 0) }
}

function chooseTests(source: TestSetSource, selection: Selection): Set<string> {
  const names = new Set<string>()
  const { testSets = [], tests = [], tags = [], selected = {}, ignored = {} } = selection
  if (testSets.length > 0 && !matcher(testSets)(source.name)) return names
  if (Object.keys(selected).length > 0 && !Object.hasOwn(selected, source.name)) return names
  const wanted = matcher(tests)
  const listed = matcher(own(selected, source.name) ?? [])
  const ignoredHere = own(ignored, source.name)
  const left = ignoredHere === undefined ? () => false : matcher(ignoredHere)
  for (const test of source.tests) {
    if (!wanted(test.name) && !wanted(`${source.name}/${test.name}`)) continue
    if (!listed(test.name) || left(test.name)) continue
    if (tags.length > 0 && !test.tags.some((tag) => tags.includes(tag))) continue
    names.add(test.name)
  }
  return names
}

function withProducers(source: TestSetSource, names: ReadonlySet<string>, producersOf: Producers): PlannedTest[] {
  const needed = new Set<string>()
  // Producers may need producers themselves.
  const open = source.tests.filter((test) => names.has(test.name) && !test.skip).map((test) => test.name)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const producer of producersOf(source.name, name)) {
      if (names.has(producer) || needed.has(producer)) continue
      needed.add(producer)
      open.push(producer)
    }
  }
  const planned: PlannedTest[] = []
  for (const [index, test] of source.tests.entries()) {
    if (names.has(test.name)) planned.push({ ...test, index, role: 'selected' })
    else if (needed.has(test.name)) planned.push({ ...test, index, role: 'producer' })
  }
  return planned
}

/** Matches any of the globs; an empty list matches everything. */
function matcher(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => true
  try {
    // Bounded repetition of extglobs is off: patterns come from people, but must not be able to hang a run.
    return picomatch([...globs], { noextglob: true, dot: true })
  } catch (error) {
    throw new RunnerError(
      'KEPLOY_SELECTION_INVALID',
      `The selection \`${globs.join(', ')}\` can't be read as a glob: ${error instanceof Error ? error.message : String(error)}. Use names with * and ?.`,
      { cause: error },
    )
  }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
