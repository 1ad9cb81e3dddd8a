import type { Failure, SetResult, TestResult } from '@keploy-framework/format'

import { openSetMocks } from '../mocks/set-mocks.ts'
import type { PlannedSet, PlannedTest } from '../plan/plan-run.ts'
import { TestLibrary } from '../plan/test-library.ts'
import { commandText } from '../service/service-process.ts'
import { replayTests } from './replay-tests.ts'
import { filesOf, withoutRun } from './result-of.ts'
import type { RunScope } from './run-scope.ts'
import { planHooks, runHooks } from './set-hooks.ts'

/** Runs one set from its hooks before to its hooks after. Whatever happens, every planned test has a result. */
export async function runSet(set: PlannedSet, scope: RunScope): Promise<SetResult> {
  const { source } = set
  scope.emit({ type: 'set-started', at: scope.now(), set: source.name, tests: set.tests.length })
  const results: (TestResult | undefined)[] = Array.from({ length: set.tests.length })
  let blocked: string | undefined
  if (!scope.done && !scope.unstartable) blocked = await runInside(set, scope, results)
  const tests = set.tests.map((planned, position) => {
    const result = results[position]
    if (result !== undefined) return result
    const unrun = resultOfUnrun(planned, set, scope, blocked)
    scope.emit({ type: 'test-finished', at: scope.now(), result: unrun })
    return unrun
  })
  scope.emit({ type: 'set-finished', at: scope.now(), set: source.name })
  return { name: source.name, tests }
}

/** Resolves with what kept the set's tests from being run, if anything did. */
async function runInside(
  set: PlannedSet,
  scope: RunScope,
  results: (TestResult | undefined)[],
): Promise<string | undefined> {
  const hooks = planHooks(set, scope)
  const library = TestLibrary.of(set.source)
  try {
    // Reading goes on while the service starts. What goes wrong shows where the knowledge is used.
    library.know().catch(() => undefined)
    const failed = await runHooks(hooks.before, scope)
    if (failed !== undefined) return failed
    const mocks = await openSetMocks(set, library, scope)
    if (scope.steps === 0) scope.step(startTitle(hooks.serviceCommand, scope))
    await scope.startService(hooks.serviceCommand)
    if (scope.done || scope.crashed() !== undefined) return undefined
    if (scope.steps === 1) scope.step('Replaying tests')
    await replayTests(set, scope, library, results, mocks?.session)
    await mocks?.finish()
    return undefined
  } finally {
    library.release()
    if (scope.options.service?.keepAlive !== true) await scope.stopService()
    await runHooks(hooks.after, scope)
  }
}

function startTitle(command: string | readonly string[] | undefined, scope: RunScope): string {
  return command === undefined ? `Testing ${scope.target.origin}` : `Starting the service: ${commandText(command)}`
}

function resultOfUnrun(
  planned: PlannedTest,
  set: PlannedSet,
  scope: RunScope,
  blocked: string | undefined,
): TestResult {
  const name = set.source.name
  const file = filesOf(set)(planned)
  const because = (kind: Failure['kind'], message: string): Failure[] => [{ kind, path: '', message }]
  if (planned.skip || scope.signal.aborted || scope.stopped) return withoutRun(planned, name, file, 'skipped')
  if (blocked !== undefined) return withoutRun(planned, name, file, 'blocked', because('blocked', blocked))
  return withoutRun(planned, name, file, 'failed', because('crashed', scope.broken ?? 'The service is gone.'))
}
