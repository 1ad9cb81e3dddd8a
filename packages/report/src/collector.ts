import type { RunEvent, RunResult, SetResult, TestResult } from '@keploy-framework/format'

/** Something a person should know about a run, as reports show it. */
export interface RunNotice {
  readonly level: 'info' | 'warning' | 'error'
  readonly code: string
  readonly message: string
}

/** Makes one result of a stream of events. */
export interface ResultCollector {
  add(event: RunEvent): void
  /** The result as the run gave it; when the run ended without one, what is known, as an interrupted run. */
  result(): RunResult
  readonly notices: readonly RunNotice[]
  /** Where the requests went, once the run has said so. */
  readonly target: string | undefined
  /** When the run began, in milliseconds since the epoch. */
  readonly startedAt: number | undefined
}

/**
 * Collects events, so that a run which was cut short still has a report.
 *
 * @example
 * const collector = createCollector()
 * collector.add({ type: 'notice', at: 0, level: 'info', code: 'KEPLOY_X', message: 'hello' })
 */
export function createCollector(): ResultCollector {
  const sets = new Map<string, TestResult[]>()
  const notices: RunNotice[] = []
  let finished: RunResult | undefined
  let startedAt: number | undefined
  let target: string | undefined
  let lastAt = 0
  return {
    notices,
    get target() {
      return target
    },
    get startedAt() {
      return startedAt
    },
    add(event) {
      lastAt = event.at
      if (event.type === 'run-started') {
        startedAt = event.at
        target = event.target
      } else if (event.type === 'test-finished') testsOf(sets, event.result.set).push(event.result)
      else if (event.type === 'notice') {
        notices.push({ level: event.level, code: event.code, message: event.message })
      } else if (event.type === 'run-finished') finished = event.result
    },
    result: () => finished ?? partial(sets, lastAt - (startedAt ?? lastAt)),
  }
}

function testsOf(sets: Map<string, TestResult[]>, name: string): TestResult[] {
  let tests = sets.get(name)
  if (!tests) sets.set(name, (tests = []))
  return tests
}

function partial(sets: ReadonlyMap<string, readonly TestResult[]>, durationMs: number): RunResult {
  const list: SetResult[] = [...sets].map(([name, tests]) => ({ name, tests }))
  const counts = { total: 0, passed: 0, failed: 0, blocked: 0, skipped: 0, flaky: 0 }
  for (const { tests } of list) {
    for (const { status } of tests) {
      counts.total += 1
      counts[status] += 1
    }
  }
  const ran = counts.total - counts.skipped
  const passRate = ran === 0 ? 0 : (counts.passed + counts.flaky) / ran
  return {
    version: 1,
    status: 'interrupted',
    summary: { ...counts, passRate, durationMs },
    sets: list,
    mocks: { served: 0, missed: 0, unused: 0 },
  }
}
