import type { SkipReason } from './compile/compile.ts'

/** What a recording came to. */
export interface RecordingSummary {
  /** The name of the set; empty when there was nothing to write. */
  readonly set: string
  /** The folder of the set. */
  readonly directory: string
  readonly tests: number
  /** What was written, relative to the set's folder. */
  readonly files: readonly string[]
  /** Exchanges that are no tests, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>
  /** Stretches of traffic that could not be parsed. */
  readonly gaps: number
  /** Secrets that stand as placeholders in the set. */
  readonly secrets: number
  /** Exchanges whose response had not ended. */
  readonly open: number
  /** What a person should know, one sentence each. */
  readonly warnings: readonly string[]
  /** Calls to dependencies that became mocks, how sure it is which test caused them, and how many could not be kept. */
  readonly calls: {
    readonly mocks: number
    readonly known: number
    readonly certain: number
    readonly ambiguous: number
    readonly none: number
    readonly leftOut: number
  }
  /** Values that a replay carries from responses to later requests, in words. */
  readonly bindings: readonly string[]
}

/** What `redact: { enabled: false }` means, for the summary. */
export const NOT_REDACTED =
  'REDACTION IS OFF: passwords, tokens and cookies of this traffic stand as plain text in the journal and in the test files. Do not commit or share them; record again with redaction, or treat every secret in them as leaked.'
