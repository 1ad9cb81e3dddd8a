import { isDeepStrictEqual } from 'node:util'

import type { Value } from '@keploy-framework/format'

import type { MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { bytesOf, textOrBytes } from '../protocol/value.ts'

/** How long a client is silent before what it sent counts as whole, in milliseconds. */
const SILENCE_MS = 15

/**
 * Answers turns. What a client sends may come in pieces, so pieces are joined until something recorded begins with no more
 * than they are: only when nothing can match any more is it a miss, which ends the connection.
 */
export class GenericMockServer implements MockServer {
  readonly #options: MockServerOptions
  #pending: Buffer = Buffer.alloc(0)
  #closed = false
  #cancel: (() => void) | undefined

  constructor(options: MockServerOptions) {
    this.#options = options
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#pending = Buffer.concat([this.#pending, chunk])
    this.#cancel?.()
    this.#cancel = undefined
    if (!this.#mayGrow()) this.#take()
    // What came is a request and the beginning of another: silence decides.
    else if (this.#isWhole()) this.#cancel = this.#options.schedule(SILENCE_MS, () => this.#take())
  }

  #take(): void {
    this.#cancel = undefined
    const request = textOrBytes(this.#pending)
    this.#pending = Buffer.alloc(0)
    const answer = this.#options.answer({ operation: 'send', request, lifetime: 'test' })
    if (answer.type === 'miss') {
      this.#end('end')
      return
    }
    if (answer.response !== undefined) this.deliver(answer.response)
    if (answer.ended !== undefined) this.#end(answer.ended)
  }

  end(): void {
    this.#end('end')
  }

  deliver(message: Value): void {
    if (this.#closed || (typeof message !== 'string' && !(message instanceof Uint8Array))) return
    this.#options.send(bytesOf(message))
  }

  close(): void {
    this.#cancel?.()
    this.#closed = true
  }

  #isWhole(): boolean {
    const whole = textOrBytes(this.#pending)
    return this.#options.recorded('send').some(({ request }) => isDeepStrictEqual(request, whole))
  }

  /** Whether a recorded request is longer than what came, and begins with it. */
  #mayGrow(): boolean {
    return this.#options.recorded('send').some(({ request }) => {
      if (typeof request !== 'string' && !(request instanceof Uint8Array)) return false
      const bytes = bytesOf(request)
      return bytes.length > this.#pending.length && this.#pending.equals(bytes.subarray(0, this.#pending.length))
    })
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.close(how)
  }
}
