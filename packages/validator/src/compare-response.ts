import type { AppliedRule, BoundValue, Failure, HeaderList, StreamItem, TestCase } from '@keploy-framework/format'
import type { BindingTable, NoiseMatcher } from '@keploy-framework/match'

import { compareAssertions, decidingAssertions } from './compare-assertions.ts'
import { compareBody } from './compare-body.ts'
import { compareHeaders } from './compare-headers.ts'
import { Session } from './session.ts'

/** What the live service answered. */
export interface ActualResponse {
  readonly status: number
  readonly statusMessage: string
  readonly headers: HeaderList
  /** The body after content decoding. */
  readonly body: Uint8Array
  /** Size and hash of a body that is too large to be kept; `body` is empty then. */
  readonly digest?: { readonly size: number; readonly sha256: string }
  /** The events, lines or messages when the answer was a stream. */
  readonly items?: readonly StreamItem[]
}

export interface CompareOptions {
  /** Compare arrays as multisets. Default false: their order counts. */
  readonly ignoreOrdering?: boolean
  /** Compare keys and types of JSON only. Default false. */
  readonly schemaMatch?: boolean
  /** How many failures are listed before the rest is only counted. Default 100. */
  readonly maxFailures?: number
}

export interface CompareContext {
  readonly noise: NoiseMatcher
  /** The table on which `beginTest` was called for this test. */
  readonly bindings: BindingTable
  /** Authorities (`localhost:8000`): the recorded ones stand for the live one. */
  readonly hosts: { readonly recorded: readonly string[]; readonly live: string }
  readonly options: CompareOptions
}

/** The verdict on one response, with everything that decided it. */
export interface Comparison {
  readonly passed: boolean
  readonly failures: readonly Failure[]
  /** Pairs of recorded and live values that met for the first time. */
  readonly bound: readonly BoundValue[]
  /** Every difference that a rule allowed, and the rule. */
  readonly rules: readonly AppliedRule[]
}

/**
 * Compares a recorded response with a live one: status, headers and body, up to consistent renaming of generated
 * values, noise rules and the mapped host. When the test has assertions (other than noise), only they decide. Nothing
 * else is let pass, and each difference that a rule allowed is named in `rules`.
 *
 * @example
 * const comparison = compareResponse(test, actual, {
 *   noise: createNoise({ test: test.assertions.noise }),
 *   bindings: table,
 *   hosts: { recorded: ['localhost:8000'], live: '127.0.0.1:40123' },
 *   options: {},
 * })
 * comparison.failures[0]?.message // 'Expected status 204, got 404.'
 */
export function compareResponse(test: TestCase, actual: ActualResponse, context: CompareContext): Comparison {
  const session = new Session(context)
  const start = session.mark()
  compareRecorded(session, test, actual)
  const deciding = decidingAssertions(test.assertions)
  if (deciding.length > 0) {
    // What the recorded response showed stays bound; whether it differs is for the assertions to say.
    session.forgive(start)
    session.rules.length = start.rules
    session.allow('', `assertions only: ${deciding.join(', ')}`)
    compareAssertions(session, test, actual)
  }
  return {
    passed: session.failures.length === 0,
    failures: session.report(),
    bound: session.bindings.boundSince(start.bindings),
    rules: session.rules,
  }
}

function compareRecorded(session: Session, test: TestCase, actual: ActualResponse): void {
  const { status } = test.response
  if (status !== actual.status) {
    const message = `Expected status ${status}, got ${actual.status}.`
    session.fail({ kind: 'status', path: 'status', expected: status, actual: actual.status, message })
  }
  // The body first: it shows generated values by name, which a header may repeat inside a text.
  compareBody(session, test, actual)
  const hasBody = test.request.method.toUpperCase() !== 'HEAD' && status !== 304
  compareHeaders(session, test, actual.headers, hasBody)
}
