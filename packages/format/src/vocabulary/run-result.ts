/**
 * How a test ended. `blocked`: it was not sent, as a secret that it needs has no value here, or a value that a failed test
 * should have shown. `flaky`: passed, but only after a retry.
 */
export type TestStatus = 'passed' | 'failed' | 'blocked' | 'skipped' | 'flaky'

/** How a run ended. */
export type RunStatus = 'passed' | 'failed' | 'timed-out' | 'interrupted'

/** One reason why a test failed. */
export interface Failure {
  readonly kind:
    | 'status'
    | 'header'
    | 'body'
    | 'stream'
    | 'assertion'
    | 'timeout'
    | 'refused'
    | 'crashed'
    | 'connection'
    | 'blocked'
    | 'invalid-test'
    /** The service made a call that nothing recorded answers. */
    | 'dependency'
  /** Where: `status`, `header.Location`, `body.items[0].id`; empty for the whole response. */
  readonly path: string
  readonly expected?: unknown
  readonly actual?: unknown
  /** One sentence: what differs and why that is a failure. */
  readonly message: string
}

/** A recorded value that met a live one. */
export interface BoundValue {
  readonly recorded: string
  readonly live: string
  /** The generated form, for example `uuid`, or `value flow`. */
  readonly form: string
  /** Where the pair first met, for example `post-sessions-1 body.id`. */
  readonly where: string
}

/** A difference that a rule allowed: which one, where, and by which rule. */
export interface AppliedRule {
  readonly path: string
  /** For example `noise: body.created_at`, `form: date`, `volatile header`. */
  readonly rule: string
}

/** What one side sent, cut and redacted for display. */
export interface ResponseSnapshot {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** What calls to language models used, as their recorded answers report it. */
export interface LlmUse {
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** How many answers did not report their tokens, which are in no sum. Absent: all did. */
  readonly unknown?: number
  /** By the price table, in US dollars. Absent: the tokens or the price of a call are not known. */
  readonly costUsd?: number
}

export interface TestResult {
  readonly set: string
  readonly name: string
  readonly suite: string
  /** The test's file, relative to the folder of sets. */
  readonly file: string
  readonly status: TestStatus
  readonly method: string
  readonly path: string
  readonly durationMs: number
  readonly attempts: number
  readonly failures: readonly Failure[]
  readonly bound: readonly BoundValue[]
  readonly rules: readonly AppliedRule[]
  readonly tags: readonly string[]
  /** How many calls of the service were answered from the recording; absent where it reached its real dependencies. */
  readonly calls?: {
    readonly served: number
    readonly missed: number
    /** Absent: none of them went to a language model. */
    readonly llm?: LlmUse
  }
  readonly curl?: string
  /** Both sides, for reports; present when the test did not pass. */
  readonly expected?: ResponseSnapshot
  readonly actual?: ResponseSnapshot
}

export interface RunSummary {
  readonly total: number
  readonly passed: number
  readonly failed: number
  readonly blocked: number
  readonly skipped: number
  readonly flaky: number
  /** Passed and flaky over all but skipped, 0 to 1; 0 when nothing ran. */
  readonly passRate: number
  readonly durationMs: number
}

export interface SetResult {
  readonly name: string
  readonly tests: readonly TestResult[]
}

/** The whole outcome of a run; `--reporter json` prints exactly this. */
export interface RunResult {
  readonly version: 1
  readonly status: RunStatus
  readonly summary: RunSummary
  readonly sets: readonly SetResult[]
  readonly mocks: { readonly served: number; readonly missed: number; readonly unused: number }
}
