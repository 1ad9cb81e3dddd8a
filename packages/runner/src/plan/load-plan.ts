import { listTestSets, type InputIssue } from '@keploy-framework/format'

import { planRun, type Plan, type Producers, type Selection } from './plan-run.ts'
import { openSource, type TestSetSource } from './set-source.ts'
import { TestLibrary } from './test-library.ts'

export interface LoadedPlan {
  readonly plan: Plan
  /** Problems of sidecars and set configurations. Those of a test are told when it runs. */
  readonly issues: readonly InputIssue[]
}

/**
 * Finds the sets in a folder and plans their run. When everything runs, no test is read yet; a selection reads the sets
 * it touches, to pull in the tests that the selected ones need.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_NOT_FOUND` when there is no such folder
 * @throws RunnerError `KEPLOY_SELECTION_INVALID`
 * @example
 * const { plan } = await loadPlan('keploy', { tests: ['post-sessions-*'] })
 */
export async function loadPlan(directory: string, selection: Selection = {}): Promise<LoadedPlan> {
  const sources: TestSetSource[] = []
  const issues: InputIssue[] = []
  for (const location of await listTestSets(directory)) {
    const opened = await openSource(location.directory, { name: location.name })
    sources.push(opened.source)
    issues.push(...opened.issues)
  }
  if (!selects(selection) && !sources.some((source) => source.tests.some((test) => test.only))) {
    return { plan: planRun(sources, selection), issues }
  }
  const knowledge = new Map<string, Awaited<ReturnType<TestLibrary['know']>>>()
  for (const source of sources) knowledge.set(source.name, await TestLibrary.of(source).know())
  const producersOf: Producers = (set, test) => knowledge.get(set)?.bindings.producersOf(test) ?? []
  return { plan: planRun(sources, selection, producersOf), issues }
}

/** Whether a selection can leave out tests within a set. */
function selects({ tests = [], tags = [], selected = {}, ignored = {} }: Selection): boolean {
  return tests.length + tags.length + Object.keys(selected).length + Object.keys(ignored).length > 0
}
