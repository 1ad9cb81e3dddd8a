import { SLOWER } from '../defaults.ts'
import type { FileHistory } from '../plan/fit-budget.ts'
import type { HistoryRun } from './history.ts'

/** What earlier runs say of each file, by its id. */
export function fileHistory(runs: readonly HistoryRun[]): Map<string, FileHistory> {
  const costs = new Map<string, number[]>()
  const verdicts = new Map<string, boolean[]>()
  for (const run of runs) {
    for (const [file, cost] of Object.entries(run.costs)) push(costs, file, cost)
    const failed = new Map<string, boolean>()
    for (const { file, status } of run.tests) failed.set(file, status === 'failed' || failed.get(file) === true)
    for (const [file, verdict] of failed) push(verdicts, file, verdict)
  }
  const result = new Map<string, FileHistory>()
  for (const [file, list] of verdicts) {
    result.set(file, {
      costMs: median(costs.get(file) ?? []),
      runs: list.length,
      failures: list.filter(Boolean).length,
      failedLast: list.at(-1) === true,
    })
  }
  return result
}

/** A test that both passed and failed with the same sources. */
export interface FlakyTest {
  readonly file: string
  readonly name: string
  readonly failures: number
  readonly runs: number
}

/** How stable the tests of a project are. */
export interface Flakiness {
  readonly tests: readonly FlakyTest[]
  /** Tests that ran at least twice with the same sources. */
  readonly measured: number
  /** Flaky tests over measured ones, 0 to 1. */
  readonly rate: number
}

/** Finds tests whose verdict changed while the sources did not. Runs whose sources are not known count for nothing. */
export function findFlaky(runs: readonly HistoryRun[]): Flakiness {
  const seen = new Map<string, FlakyTest>()
  for (const run of runs) {
    if (run.revision === undefined) continue
    for (const { file, name, status } of run.tests) {
      if (status === 'skipped') continue
      const key = JSON.stringify([run.revision, file, name])
      const { failures = 0, runs: count = 0 } = seen.get(key) ?? {}
      seen.set(key, { file, name, failures: failures + (status === 'failed' ? 1 : 0), runs: count + 1 })
    }
  }
  const measured = new Set<string>()
  const flaky = new Map<string, FlakyTest>()
  for (const test of seen.values()) {
    const key = JSON.stringify([test.file, test.name])
    if (test.runs > 1) measured.add(key)
    if (test.failures === 0 || test.failures === test.runs) continue
    const before = flaky.get(key)
    flaky.set(key, {
      ...test,
      failures: test.failures + (before?.failures ?? 0),
      runs: test.runs + (before?.runs ?? 0),
    })
  }
  return {
    tests: [...flaky.values()],
    measured: measured.size,
    rate: measured.size === 0 ? 0 : flaky.size / measured.size,
  }
}

/** A test that takes twice as long as it used to, or longer. */
export interface SlowerTest {
  readonly file: string
  readonly name: string
  readonly ms: number
  /** The median of the runs before. */
  readonly usualMs: number
}

/**
 * Finds tests whose duration has doubled. A run that was repeated counts with its fastest round; tests that ran less than
 * three times before, and differences below half a second, say nothing.
 */
export function findSlower(before: readonly HistoryRun[], now: readonly HistoryRun[]): SlowerTest[] {
  const usual = new Map<string, number[]>()
  const latest = new Map<string, { file: string; name: string; ms: number }>()
  const keyOf = (test: { file: string; name: string }): string => JSON.stringify([test.file, test.name])
  const passed = (runs: readonly HistoryRun[]) =>
    runs.flatMap(({ tests }) => tests.filter((test) => test.status === 'passed'))
  for (const test of passed(before)) push(usual, keyOf(test), test.ms)
  for (const { file, name, ms } of passed(now)) {
    const key = keyOf({ file, name })
    latest.set(key, { file, name, ms: Math.min(ms, latest.get(key)?.ms ?? ms) })
  }
  return [...latest].flatMap(([key, test]) => {
    const earlier = usual.get(key) ?? []
    const usualMs = median(earlier)
    const slower = earlier.length >= SLOWER.runs && test.ms >= 2 * usualMs && test.ms - usualMs >= SLOWER.ms
    return slower ? [{ ...test, usualMs }] : []
  })
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
