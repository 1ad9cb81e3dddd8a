import type { RunSummary, SetResult } from '@keploy-framework/format'

/** Counts the results of a run. */
export function summarize(sets: readonly SetResult[], durationMs: number): RunSummary {
  const counts = { passed: 0, failed: 0, blocked: 0, skipped: 0, flaky: 0 }
  for (const { tests } of sets) for (const { status } of tests) counts[status] += 1
  const total = sets.reduce((sum, { tests }) => sum + tests.length, 0)
  const ran = total - counts.skipped
  return { total, ...counts, passRate: ran === 0 ? 0 : (counts.passed + counts.flaky) / ran, durationMs }
}
