import type { Value } from '@keploy-framework/format'

import type { MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { bytesOf, textOrBytes } from '../protocol/value.ts'

/**
 * Answers turns. What a client sends may come in pieces, so pieces are joined until something recorded begins with no more
 * than they are: only when nothing can match any more is it a miss, which ends the connection.
 */
export class GenericMockServer implements MockServer {
  readonly #options: MockServerOptions
  #pending: Buffer = Buffer.alloc(0)
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = options
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#pending = Buffer.concat([this.#pending, chunk])
    if (this.#mayGrow()) return
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
    this.#closed = true
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
