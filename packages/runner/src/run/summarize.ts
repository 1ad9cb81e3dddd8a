import type { RunSummary, SetResult } from '@keploy-framework/format'

/** Counts a run's results. */
export function summarize(sets: readonly SetResult[], durationMs: number): RunSummary {
  const counts = { passed: 0, failed: 0, blocked: 0, skipped: 0, flaky: 0 }
  let total = 0
  for (const set of sets) {
    for (const test of set.tests) {
      counts[test.status] += 1
      total += 1
    }
  }
  const ran = total - counts.skipped
  return {
    total,
    ...counts,
    passRate: ran === 0 ? 0 : (counts.passed + counts.flaky) / ran,
    durationMs,
  }
}
