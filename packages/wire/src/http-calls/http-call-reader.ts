import type { HttpExchange } from '@keploy-framework/format'

import type { CodecEvent, ConnectionCodec } from '../codec.ts'
import { createHttpCodec } from '../http/http-codec.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { requestTree, responseTree } from './http-trees.ts'

/** Default of `messageLimit`: 16 MiB. */
const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024

/** Reads a connection of HTTP/1.x as calls. */
export class HttpCallReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #codec: ConnectionCodec
  readonly #limit: number
  #broken = false
  #gapTold = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    this.#limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    this.#codec = createHttpCodec(
      { connection: options.connection, nextId: options.nextId, bodyLimit: this.#limit, streamLimit: this.#limit },
      (event) => this.#onEvent(event),
    )
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    this.#codec.push(from, chunk, at)
  }

  end(from: 'client' | 'server', at: number): void {
    this.#codec.end(from, at)
  }

  abort(at: number): void {
    this.#broken = true
    this.#codec.abort(at)
  }

  stop(at: number): void {
    this.#codec.stop(at)
  }

  #onEvent(event: CodecEvent): void {
    if (event.type === 'open') this.#emit({ type: 'open', id: event.id, at: event.request.startedAt })
    else if (event.type === 'gap') this.#gap(event.from, event.reason, event.at)
    else if (event.type === 'close') this.#close(event.exchange)
  }

  #gap(from: 'client' | 'server', reason: string, at: number): void {
    if (this.#gapTold) return
    this.#gapTold = true
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
  }

  #close(exchange: HttpExchange): void {
    const { request, response } = exchange
    const lost = request.body.omitted ?? response?.body.omitted
    const endedAt = response?.endedAt ?? request.endedAt
    if (lost !== undefined) {
      const reason =
        lost.reason === 'decode'
          ? `a body of ${request.method} ${request.target.slice(0, 100)} is not in the encoding that its header names`
          : `a body of ${request.method} ${request.target.slice(0, 100)} is longer than ${this.#limit} bytes`
      this.#gap(request.body.omitted === undefined ? 'server' : 'client', reason, endedAt)
    }
    // Without its body an answer is none: it must never be replayed as if it had been empty.
    const answer = lost === undefined ? responseTree(exchange) : undefined
    const aborted = exchange.state === 'aborted' || lost !== undefined
    this.#emit({
      type: 'call',
      call: {
        protocol: 'http',
        id: exchange.id,
        connection: exchange.connection,
        operation: request.method,
        request: requestTree({ ...request, body: request.body.bytes }),
        ...(answer !== undefined && { response: answer }),
        lifetime: 'test',
        state: aborted ? 'aborted' : exchange.state,
        startedAt: request.startedAt,
        endedAt,
        ...(exchange.state === 'aborted' && { ended: this.#broken ? 'reset' : 'end' }),
      },
    })
  }
}
