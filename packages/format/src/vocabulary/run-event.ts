import type { RunResult, TestResult } from './run-result.ts'

/** One thing that happened in a run. Reporters, blobs and history all read this one stream. */
export type RunEvent =
  | {
      readonly type: 'run-started'
      /** Milliseconds since the epoch. */
      readonly at: number
      readonly target: string
      /** What the run is about, where that is no replay against `target`. */
      readonly title?: string
      readonly sets: readonly { readonly name: string; readonly tests: number }[]
    }
  /** A step of the run as a whole: `Starting the service`, `Replaying 9 tests`. */
  | {
      readonly type: 'step'
      readonly at: number
      readonly index: number
      readonly total: number
      readonly title: string
    }
  | { readonly type: 'set-started'; readonly at: number; readonly set: string; readonly tests: number }
  | { readonly type: 'test-started'; readonly at: number; readonly set: string; readonly test: string }
  | { readonly type: 'test-finished'; readonly at: number; readonly result: TestResult }
  | { readonly type: 'set-finished'; readonly at: number; readonly set: string }
  /** Something a person should know that decides no test: a warning, a gap, output of the service on failure. */
  | {
      readonly type: 'notice'
      readonly at: number
      readonly level: 'info' | 'warning' | 'error'
      readonly code: string
      readonly message: string
    }
  | { readonly type: 'run-finished'; readonly at: number; readonly result: RunResult }

/** A consumer of run events. `finish` is called once, after the last event; what it returns is awaited. */
export interface Reporter {
  readonly name: string
  onEvent(event: RunEvent): void
  finish?(): Promise<void> | void
}
