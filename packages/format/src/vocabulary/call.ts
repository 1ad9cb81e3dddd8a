/**
 * What a message of a protocol says, as a tree that a person can read and that holds everything that is needed to write
 * the message again. Text stands as text, bytes that are not text as `Uint8Array`; integers beyond 2^53 and decimals
 * stand as text. What only numbers or frames messages (correlation ids, sequence numbers, lengths, checksums) is left out,
 * and no credential is ever in it.
 */
export type Value = null | boolean | number | string | Uint8Array | readonly Value[] | { readonly [key: string]: Value }

/** Protocols that a service may speak with what it depends on. */
export const protocolNames = [
  'http',
  'grpc',
  'postgres',
  'redis',
  'mysql',
  'mongodb',
  'kafka',
  'amqp',
  'dns',
  'generic',
] as const

export type ProtocolName = (typeof protocolNames)[number]

/**
 * For how long a call counts. `connection`: it sets a connection up (handshake, authentication, session settings) and is
 * answered again for each connection. `session`: it says nothing about a test (pings, catalogue queries of a driver) and
 * may be answered any number of times. `test`: it was caused by a test, or by the start of the service, and is answered as
 * often as it was recorded.
 */
export type CallLifetime = 'connection' | 'session' | 'test'

/** What a call does and says, without when and where it happened. */
export interface CallContent {
  readonly protocol: ProtocolName
  /** What kind of call it is, in the word of the protocol: `SELECT`, `GET`, `insert`, `Fetch`, `POST`. */
  readonly operation: string
  /** What the client asked; `null` when the server spoke by itself (a notification, a delivery). */
  readonly request: Value
  /** What the server answered, or said by itself. Absent: there was no answer, as none was due or the connection ended. */
  readonly response?: Value
  readonly lifetime: CallLifetime
  /** How the server ended the connection after this call, when it did in place of going on. */
  readonly ended?: 'end' | 'reset'
}

/** How sure it is which request to the service caused a call. */
export interface CallCause {
  /** The id of the exchange with the service. */
  readonly exchange: number
  /**
   * `known`: followed through the code. `certain`: the only request under way, or the only one of them that can have a value
   * of the call. `ambiguous`: one of several.
   */
  readonly certainty: 'known' | 'certain' | 'ambiguous'
  /** For `ambiguous`: every request that was under way, `exchange` among them. */
  readonly among?: readonly number[]
}

/** One call of the service to something it depends on: a request and its answer on one protocol. */
export interface Call extends CallContent {
  /** Unique within a recording session, and increasing in the order in which requests began. */
  readonly id: number
  readonly connection: number
  /** What was called, as people know it: `postgres db:5432`, `https api.example.com`. */
  readonly dependency: string
  /** `open`: the recording ended first. `aborted`: the connection broke before the answer was whole. */
  readonly state: 'complete' | 'open' | 'aborted'
  /** Milliseconds since the epoch, with fractions: first byte of the request, last byte of the answer. */
  readonly startedAt: number
  readonly endedAt: number
  /** Absent: no request was under way (the service started, or works by itself). */
  readonly cause?: CallCause
  /**
   * For what the server said by itself: the call of the service that had ended last before, on whichever connection. A
   * replay says it once that call was answered.
   */
  readonly after?: number
}
