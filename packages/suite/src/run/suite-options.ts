import type { RunEvent, RunResult, TestResult } from '@keploy-framework/format'

import type { CoverageSummary, LineHits } from '../coverage/line-hits.ts'
import type { HistoryRun } from '../history/history.ts'
import type { Flakiness } from '../history/statistics.ts'
import type { Part } from '../plan/plan-parts.ts'
import type { Quarantine } from '../plan/quarantine.ts'

/** How a replay of recorded sets came out. */
export interface RecordedOutcome {
  readonly tests: readonly TestResult[]
  readonly mocks: RunResult['mocks']
  /** Why it failed as a whole, where its tests do not say it. */
  readonly problem?: string
}

/** Replays the sets of a part; what a person should know goes to `notice` as it happens. */
export type RunRecorded = (
  part: Part,
  context: { readonly signal: AbortSignal; readonly notice: (event: RunEvent) => void },
) => Promise<RecordedOutcome>

/** A run, decided but not started. */
export interface SuiteOptions {
  /** Absolute. */
  readonly root: string
  readonly parts: readonly Part[]
  /** What the run is about, for people. */
  readonly title: string
  /** Parts under way at once. Default: 1. */
  readonly parallel?: number
  /** Processes in all. Default: 1. */
  readonly workers?: number
  readonly failFast?: boolean
  /** How often every test is run. Default: 1. */
  readonly repeat?: number
  readonly coverage?: boolean
  /** Share of lines that has to be covered, 0 to 100. Default: no bar. */
  readonly coverageThreshold?: number
  readonly quarantine?: readonly Quarantine[]
  /** Earlier runs, for flakiness. Default: none. */
  readonly history?: readonly HistoryRun[]
  /** See `Changes`. */
  readonly revision?: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Interrupts the run. */
  readonly signal: AbortSignal
  readonly recorded?: RunRecorded
  /** Every text of a runner goes through it before it is shown or kept. */
  readonly clean?: (text: string) => string
  readonly now?: () => number
}

/** How a run came out. */
export interface SuiteOutcome {
  readonly result: RunResult
  /** For `addToHistory`. */
  readonly history: readonly HistoryRun[]
  readonly flakiness: Flakiness
  readonly coverage?: { readonly hits: LineHits; readonly summary: CoverageSummary }
}
