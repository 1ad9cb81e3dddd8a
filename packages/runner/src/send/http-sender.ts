import { Client } from 'undici'

import { Collector, type CollectorOptions } from './collector.ts'
import { Deadline } from './deadline.ts'
import { isProblem, type OutgoingRequest, type SendOutcome } from './outgoing.ts'
import { describeSendError } from './send-error.ts'
import type { Target } from './target.ts'

const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

/**
 * Sends requests to one target, one after the other over a kept connection. Follows no redirect, and adds nothing but
 * what a connection needs.
 */
export class HttpSender implements AsyncDisposable {
  // Not a pool: undici's waits for ever after a request that can't be sent, and each lane has one request at a time.
  readonly #client: Client
  readonly #deadline = new Deadline()
  /** The request under way: a sender has one at a time. */
  #open: Collector | undefined
  #aborted: string | undefined
  /** Answers that came over the connection that is open now. */
  #answers = 0

  constructor(target: Target) {
    this.#client = new Client(target.origin, {
      pipelining: 1,
      // The time limit of a test covers connecting, waiting and reading; the client's own would cut in between.
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: 0,
      maxHeaderSize: 256 * 1024,
      autoSelectFamily: true,
    })
    this.#client.on('connect', () => {
      this.#answers = 0
    })
  }

  /** Resolves always: a missing response is a result too. */
  async send(request: OutgoingRequest, options: CollectorOptions): Promise<SendOutcome> {
    if (this.#aborted !== undefined) return { kind: 'connection', message: this.#aborted }
    const collector = await this.#once(request, options)
    const outcome = collector.outcome as SendOutcome
    if (collector.answered) this.#answers += 1
    if (!isProblem(outcome)) return outcome
    const lost = outcome.kind === 'connection' && !collector.answered && this.#answers > 0
    // A kept connection that the service closed while the request was on its way says nothing about the service. Only
    // what may be repeated is; a second failure counts.
    if (!lost || this.#aborted !== undefined || !SAFE_TO_REPEAT.has(request.method)) return outcome
    return (await this.#once(request, options)).outcome as SendOutcome
  }

  /** Ends what is under way, for an interrupted run. */
  abort(message: string): void {
    this.#aborted = message
    this.#open?.fail({ kind: 'connection', message })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deadline[Symbol.dispose]()
    await this.#client.destroy()
  }

  #once(request: OutgoingRequest, options: CollectorOptions): Promise<Collector> {
    return new Promise((resolve) => {
      const collector: Collector = new Collector(
        (done) => {
          this.#open = undefined
          resolve(done)
        },
        options,
        this.#deadline,
      )
      this.#open = collector
      try {
        this.#client.dispatch(
          {
            path: request.path,
            method: request.method,
            headers: request.headers,
            body: request.body ?? null,
          },
          collector,
        )
      } catch (error) {
        collector.fail(describeSendError(error as Error, false))
      }
    })
  }
}
