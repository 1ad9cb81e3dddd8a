import type { TestResult } from '@keploy-framework/format'

import { quarantineOf } from '../plan/quarantine.ts'
import type { Quarantine } from '../plan/quarantine.ts'
import type { RunTest } from './part-results.ts'

/**
 * Puts several runs of the same tests together: a test has failed when it failed once. One that did not always fail is
 * tagged `flaky`.
 */
export function combineRepeats(rounds: readonly (readonly RunTest[])[]): RunTest[] {
  const [first = []] = rounds
  if (rounds.length < 2) return [...first]
  const tests = new Map<string, RunTest[]>()
  for (const test of rounds.flat()) {
    const key = JSON.stringify([test.result.set, test.file.path, test.result.name])
    const list = tests.get(key)
    if (list) list.push(test)
    else tests.set(key, [test])
  }
  return [...tests.values()].flatMap((list): RunTest[] => {
    const failed = list.filter(({ result }) => result.status === 'failed' || result.status === 'blocked')
    const shown = failed[0] ?? list.find(({ result }) => result.status !== 'skipped') ?? list[0]
    if (shown === undefined) return []
    const durationMs = list.reduce((sum, { result }) => sum + result.durationMs, 0)
    const result = { ...shown.result, durationMs, attempts: list.length }
    if (failed.length === 0 || failed.length === list.length) return [{ ...shown, result }]
    const message = `It failed in ${failed.length} of ${list.length} runs of the same sources. This is how:`
    const [failure, ...others] = result.failures
    const failures = failure === undefined ? [] : [{ ...failure, message: `${message}\n${failure.message}` }, ...others]
    return [{ ...shown, result: { ...result, failures, tags: [...result.tags, 'flaky'] } }]
  })
}

/** A test as it counts: a mission-critical one that was skipped has failed, a quarantined one that failed was skipped. */
export function judge({ file, result }: RunTest, quarantine: readonly Quarantine[]): RunTest {
  if (file.critical) {
    if (result.status !== 'skipped' || result.attempts === 0) return { file, result }
    const message = 'A mission-critical test was skipped. Run it, or take it out of the mission-critical ones.'
    return { file, result: { ...result, status: 'failed', failures: [{ kind: 'assertion', path: '', message }] } }
  }
  if (result.status !== 'failed' && result.status !== 'blocked') return { file, result }
  const entry = quarantineOf(quarantine, file.shown, result.name)
  if (entry === undefined) return { file, result }
  const rule = { path: '', rule: `quarantine until ${entry.until}: ${entry.reason}` }
  const tags = [...result.tags, 'quarantined']
  return { file, result: { ...result, status: 'skipped', rules: [...result.rules, rule], tags } }
}

/** Whether a result stands for a failure that the quarantine allowed. */
export function isQuarantined(result: TestResult): boolean {
  return result.status === 'skipped' && result.tags.includes('quarantined')
}
