import type { AppliedRule, BoundValue, Failure, HeaderList, StreamItem, TestCase } from '@keploy-framework/format'
import type { BindingTable, NoiseMatcher } from '@keploy-framework/match'

/** What the live service answered. */
export interface ActualResponse {
  readonly status: number
  readonly statusMessage: string
  readonly headers: HeaderList
  /** The body after content decoding. */
  readonly body: Uint8Array
  /** The events, lines or messages when the answer was a stream. */
  readonly items?: readonly StreamItem[]
}

export interface CompareOptions {
  /** Compare arrays as multisets. Default false: their order counts. */
  readonly ignoreOrdering?: boolean
  /** Compare keys and types only. Default false. */
  readonly schemaMatch?: boolean
  /** How many failures are listed before the rest is only counted. Default 100. */
  readonly maxFailures?: number
}

export interface CompareContext {
  readonly noise: NoiseMatcher
  readonly bindings: BindingTable
  /** Authorities (`localhost:8000`): the recorded ones stand for the live one. */
  readonly hosts: { readonly recorded: readonly string[]; readonly live: string }
  readonly options: CompareOptions
}

/** The verdict on one response, with everything that decided it. */
export interface Comparison {
  readonly passed: boolean
  readonly failures: readonly Failure[]
  readonly bound: readonly BoundValue[]
  readonly rules: readonly AppliedRule[]
}

export function compareResponse(test: TestCase, actual: ActualResponse, _context: CompareContext): Comparison {
  const failures: Failure[] = []
  const { status } = test.response
  if (status !== actual.status) {
    const message = `Expected status ${status}, got ${actual.status}.`
    failures.push({ kind: 'status', path: 'status', expected: status, actual: actual.status, message })
  }
  return { passed: failures.length === 0, failures, bound: [], rules: [] }
}
