import { createHash, type Hash } from 'node:crypto'

import type { Dispatcher } from 'undici'

import type { Deadline } from './deadline.ts'
import type { IncomingResponse, SendOutcome } from './outgoing.ts'
import { describeSendError } from './send-error.ts'

/** Watches the body of a stream that may never end. Called with each chunk; `true` means: this is enough. */
export type StreamWatcher = (chunk: Buffer, enough: () => void) => void

export interface CollectorOptions {
  readonly timeoutMs: number
  readonly bodyLimit: number
  readonly watch?: StreamWatcher
  /** A body beyond the limit is counted and hashed instead of cut off: the recording kept no more of it either. */
  readonly digest?: boolean
}

/** Collects one response. One object per request and no closures: this is the hot path of a replay. */
export class Collector implements Dispatcher.DispatchHandler {
  /** Whether the service has sent anything at all. */
  answered = false
  /** Set once it is settled. */
  outcome: SendOutcome | undefined
  readonly #settle: (collector: Collector) => void
  readonly #options: CollectorOptions
  readonly #deadline: Deadline
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #reason = ''
  #headers: (readonly [string, string])[] = []
  #chunks: Buffer[] = []
  #size = 0
  #hash: Hash | undefined
  #done = false

  constructor(settle: (collector: Collector) => void, options: CollectorOptions, deadline: Deadline) {
    this.#settle = settle
    this.#options = options
    this.#deadline = deadline
    deadline.start(this, options.timeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#done) controller.abort(new Error('no longer needed'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, reason?: string): void {
    if (status < 200) return
    this.answered = true
    this.#status = status
    this.#reason = reason ?? ''
    this.#headers = headerPairs(controller.rawHeaders as Buffer[])
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return
    const room = this.#options.bodyLimit - this.#size
    if (this.#options.digest === true && (this.#hash !== undefined || chunk.length > room)) {
      this.#count(chunk)
      return
    }
    if (chunk.length > room) {
      this.#chunks.push(chunk.subarray(0, room))
      this.#size += room
      this.finish('limit')
      this.#abort()
      return
    }
    this.#chunks.push(chunk)
    this.#size += chunk.length
    this.#options.watch?.(chunk, this.#enough)
  }

  onResponseEnd(): void {
    this.finish(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(describeSendError(error, this.answered))
  }

  /** Hands over what has come. A response that is still running is cut off. */
  finish(cut: IncomingResponse['cut']): void {
    if (this.#done) return
    const digest = this.#hash && { size: this.#size, sha256: this.#hash.digest('hex') }
    const [only] = this.#chunks
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks)
    const response: IncomingResponse = {
      status: this.#status,
      reason: this.#reason,
      headers: this.#headers,
      body,
      cut,
      ...(digest && { digest }),
    }
    this.fail(response)
  }

  fail(outcome: SendOutcome): void {
    if (this.#done) return
    this.#done = true
    this.#deadline.stop(this)
    this.outcome = outcome
    this.#settle(this)
  }

  timeOut(): void {
    const { timeoutMs } = this.#options
    const what = this.answered
      ? `answered, but had not finished within ${timeoutMs} ms`
      : `did not answer within ${timeoutMs} ms`
    this.fail({ kind: 'timeout', message: `The service ${what}. A slower one needs a higher limit (test.apiTimeout).` })
    this.#abort()
  }

  /** From here on nothing is kept. */
  #count(chunk: Buffer): void {
    if (this.#hash === undefined) {
      this.#hash = createHash('sha256')
      for (const kept of this.#chunks.splice(0)) this.#hash.update(kept)
    }
    this.#hash.update(chunk)
    this.#size += chunk.length
  }

  readonly #enough = (): void => {
    if (this.#done) return
    this.finish('enough')
    this.#abort()
  }

  #abort(): void {
    this.#controller?.abort(new Error('no longer needed'))
  }
}

function headerPairs(raw: readonly Buffer[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    pairs.push([(raw[i] as Buffer).toString('latin1'), (raw[i + 1] as Buffer).toString('latin1')])
  }
  return pairs
}
