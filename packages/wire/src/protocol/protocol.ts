import type { Call, ProtocolName, Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import type { MockCodec } from './mock-codec.ts'
import type { MockServer, MockServerOptions } from './mock-server.ts'
import type { RelayRewriter, RewriterOptions } from './rewriter.ts'

/** A call as a reader tells it: who relays the connection adds what was called and why. */
export type ReadCall = Omit<Call, 'dependency' | 'cause'>

/** What a reader makes of the bytes of one connection. Every `open` is followed by exactly one `call` with the same id. */
export type CallEvent =
  /** A request has begun. Told at once, so that it can be attributed to what is under way now. */
  | { readonly type: 'open'; readonly id: number; readonly at: number }
  /** A call has ended. */
  | { readonly type: 'call'; readonly call: ReadCall }
  /** A request that the server passed over because one before it had failed: it is no call. */
  | { readonly type: 'skipped'; readonly id: number }
  /** Bytes that could not be read; traffic flows on. Nothing more is told of this connection. */
  | {
      readonly type: 'gap'
      readonly connection: number
      readonly from: 'client' | 'server'
      readonly reason: string
      readonly at: number
    }

export interface ReaderOptions {
  /** Which connection this is; goes into every call. */
  readonly connection: number
  /** Gives the next id of a call. */
  readonly nextId: () => number
  /** Bytes of one message that are kept at most. Default: 16 MiB; what is longer makes a gap. */
  readonly messageLimit?: number
}

/** What has to be the same for a recorded call to answer a live one. */
export interface MatchRules {
  /**
   * What of a request has to be equal: everything but what changes by itself and says nothing (client ids, trace headers,
   * the name of a prepared statement). Its leaves may be generated values (ids, times); the matcher takes care of these.
   */
  key(request: Value): Value
  /**
   * Fields of the key that a request does not tell although every live one has them, as documents of others leave them out
   * (Keploy keeps a path without its host). Recordings of others are not compared in these.
   */
  unrecorded?(request: Value): readonly string[]
  /**
   * A request by which a client waits for news (a blocking pop, a long poll, a heartbeat): how it is answered when nothing
   * recorded is left for it, and after how long. Nothing for all others: for them that is a miss.
   */
  idle?(request: Value): { readonly response: Value; readonly afterMs: number } | undefined
}

/**
 * One protocol: how it is known, read, answered, compared and kept on disk. Pure: no sockets, files or clocks; times are
 * given. Nothing of it throws, whatever bytes it gets.
 */
export interface Protocol {
  readonly name: ProtocolName
  /** Who sends the first bytes of a connection. */
  readonly speaksFirst: 'client' | 'server'
  /** Whether a connection that begins with these bytes, from the side that speaks first, is of this protocol. `more`: too few bytes to tell. */
  detect(first: Uint8Array): 'yes' | 'no' | 'more'
  /**
   * The same for a connection that is said to be of this protocol: `no` only where it cannot be. Whatever may begin a login
   * of this protocol, of any version, is none of `no`, so that it is never taken for bytes that may be kept. Default: `detect`.
   */
  detectNamed?(first: Uint8Array): 'yes' | 'no' | 'more'
  /** The same for the server's first bytes, where it may be faster than a client that speaks first. */
  detectServer?(first: Uint8Array): 'yes' | 'no' | 'more'
  /** Reads a relayed connection, both sides of it, in plain text. */
  createReader(options: ReaderOptions, emit: (event: CallEvent) => void): ConnectionCodec
  /** Plays the server of one connection, with recorded answers. */
  createMockServer(options: MockServerOptions): MockServer
  /** For protocols in which a relay must change something: addresses, or when TLS begins. Nothing: not for this connection. */
  createRewriter?(options: RewriterOptions): RelayRewriter | undefined
  /** A request in one line, as a person would write it: `SELECT name FROM users WHERE id = $1 ['7']`. At most 200 characters. */
  describe(request: Value): string
  readonly match: MatchRules
  readonly mocks: MockCodec
}
