import type { Call, HttpExchange } from '@keploy-framework/format'
import type { SecretInfo } from '@keploy-framework/redact'
import type { ExchangePart, OpenedRequest } from '@keploy-framework/wire'

/** What a session says about itself in its journal. */
export interface JournalMeta {
  /** The process that writes, and when it started where the system tells, so that a living recorder is known. */
  readonly pid?: number
  readonly processStart?: string
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  readonly target?: string
  readonly testSet?: string
  readonly redacted?: boolean
  /** Secrets that were met since the last record of this kind. */
  readonly secrets?: readonly SecretInfo[]
}

/** What an exchange is known to lack. */
export interface ExchangeNotes {
  /** A piece of a stream could not be kept safely. */
  readonly unsafe?: boolean
}

/** One record of a journal. Everything in it is redacted. */
export type JournalRecord =
  | { readonly type: 'meta'; readonly meta: JournalMeta }
  | { readonly type: 'open'; readonly id: number; readonly connection: number; readonly request: OpenedRequest }
  | { readonly type: 'part'; readonly id: number; readonly part: ExchangePart; readonly notes?: ExchangeNotes }
  /** An exchange that was opened before; the items of its stream stand in parts. */
  | { readonly type: 'close'; readonly id: number; readonly exchange: HttpExchange; readonly notes?: ExchangeNotes }
  /** An exchange that opened and closed within a moment. */
  | { readonly type: 'exchange'; readonly id: number; readonly exchange: HttpExchange; readonly notes?: ExchangeNotes }
  /** A call to a dependency that has ended. */
  | { readonly type: 'call'; readonly id: number; readonly startedAt: number; readonly call: Call }
  | {
      readonly type: 'gap'
      readonly connection: number
      readonly from: string
      readonly reason: string
      readonly at: number
    }
  /** The recorder ended as it should; nothing follows. */
  | { readonly type: 'end'; readonly at: number }
