import type { CallContent, Value } from '@keploy-framework/format'

import type { BindingTable } from '../bindings/binding-table.ts'

/** A recorded call as the matcher sees it. */
export interface RecordedCall {
  /** Unique in its set: the name of its document. */
  readonly name: string
  readonly dependency: string
  /** The recorded connection, as text; calls of one connection have the same. */
  readonly connection: string
  readonly protocol: CallContent['protocol']
  readonly operation: string
  readonly lifetime: CallContent['lifetime']
  /** Names of the tests that caused it: one, several where that was not sure, none for what the service did by itself. */
  readonly tests: readonly string[]
  /** What of its request has to be equal. */
  key(): Value
  /** Fields that `key` lacks as the recording does not tell them: a live request may have anything there. Default: none. */
  readonly unrecorded?: readonly string[]
  request(): Value
  response(): Value | undefined
  readonly ended?: 'end' | 'reset'
  /** When it was recorded, in milliseconds since the epoch; numbers close to it are times. Absent: not known. */
  readonly at?: number
}

/** A call that wants an answer. */
export interface LiveCall {
  readonly dependency: string
  readonly protocol: CallContent['protocol']
  readonly operation: string
  readonly lifetime: CallContent['lifetime']
  readonly request: Value
  readonly key: Value
  /** Whether the server lets whoever asks wait until there is an answer. Default: false. */
  readonly waits?: boolean
  /** What the clock says, in milliseconds since the epoch. Absent: numbers are no times unless their names say so. */
  readonly at?: number
}

/** A test that is under way, with the values that it and its chain have bound. */
export interface ActiveTest {
  readonly name: string
  readonly table: BindingTable
}

/** One place where a live request differs from a recorded one. */
export interface CallDifference {
  /** Such as `params[0]`; empty for the whole. */
  readonly path: string
  readonly recorded: Value | undefined
  readonly live: Value | undefined
}

/** What came of looking for an answer. */
export type CallMatch =
  | {
      readonly type: 'match'
      readonly call: RecordedCall
      /** The recorded response with live values in place of recorded ones. */
      readonly response: Value | undefined
      /** The test that it was found for; absent for what belongs to none. */
      readonly test?: string
      /** Numbers of secrets that the response needs and that have no value here. */
      readonly missing: readonly number[]
    }
  | {
      readonly type: 'miss'
      /** `used-up`: it was recorded, but not as often. `ambiguous`: several recorded calls fit, and they answer differently. */
      readonly reason: 'unknown' | 'used-up' | 'ambiguous' | 'other-test'
      /** The recorded call that comes nearest, and how the live one differs from it. */
      readonly nearest?: RecordedCall
      readonly differences: readonly CallDifference[]
      /** For `used-up`: how often it was recorded. */
      readonly recorded?: number
    }
