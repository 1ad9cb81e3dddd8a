import type { CallLifetime, ProtocolName, Value } from '@keploy-framework/format'

/** A live request that wants an answer. */
export interface MockRequest {
  readonly operation: string
  /** Default: that of the server. HTTP/2 carries calls of gRPC and of HTTP. */
  readonly protocol?: ProtocolName
  readonly request: Value
  readonly lifetime: CallLifetime
}

/** A recorded answer. */
export interface MockAnswer {
  readonly type: 'answer'
  /** Absent: the recorded server did not answer. */
  readonly response?: Value
  readonly ended?: 'end' | 'reset'
}

/**
 * Nothing recorded answers. `message` says what was asked and what comes nearest, in one line; the service gets it as an
 * error of its protocol.
 */
export interface MockMiss {
  readonly type: 'miss'
  readonly message: string
}

export interface MockServerOptions {
  /**
   * Looks an answer up. Call it once for each request, in the order in which they came, and never inside `push` of another
   * one. It is asked for requests of every lifetime; for handshakes a miss is normal, and the server answers by itself.
   */
  readonly answer: (request: MockRequest) => MockAnswer | MockMiss
  /** Sends bytes to the client. */
  readonly send: (bytes: Uint8Array) => void
  /** Ends the connection, after what was sent. */
  readonly close: (how: 'end' | 'reset') => void
  /** Runs something later. Gives back what cancels it. Used for delays that a protocol or the recording demands. */
  readonly schedule: (delayMs: number, run: () => void) => () => void
  /**
   * The client starts TLS after the bytes sent so far; what `push` gets from then on is plain text again. `rest` is what was
   * pushed already and belongs to TLS, for protocols in which the client goes on without waiting.
   */
  readonly startTls: (rest?: Uint8Array) => void
  /** Where clients reach this server: stands in place of recorded addresses (brokers, cluster nodes). */
  readonly address: { readonly host: string; readonly port: number }
  /** What the service logs in with, as its configuration says. For protocols in which the server has to prove that it knows it too. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Whether delays between recorded pieces of an answer (a stream) are kept. Default: false, all comes at once. */
  readonly keepTiming?: boolean
  /**
   * Every recorded answer of this dependency to requests of an operation, in recorded order, without using one up. For
   * servers that have to know more than one call, such as the offsets of a topic.
   */
  readonly recorded: (operation: string) => readonly { readonly request: Value; readonly response?: Value }[]
  /**
   * What the servers of one dependency know together while a replay runs, such as the members of a consumer group, which come
   * over several connections. The same map for each connection; a protocol keeps what it wants under its own name. Default:
   * each connection knows only itself.
   */
  readonly shared?: Map<string, unknown>
}

/** The server side of one connection. */
export interface MockServer {
  push(chunk: Uint8Array): void
  /** The client sent its end. */
  end(): void
  /** The server says something by itself, as the recording has it. */
  deliver(message: Value): void
  /** The connection is gone: stops everything that was scheduled. */
  close(): void
}
