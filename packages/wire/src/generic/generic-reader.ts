import type { Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { textOrBytes } from '../protocol/value.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024

interface Turn {
  readonly id: number
  readonly startedAt: number
  endedAt: number
  readonly asked: Uint8Array[]
  readonly answered: Uint8Array[]
}

/** Reads a connection as turns: what the client sends until the server speaks, and what the server says until the client does. */
export class GenericReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  #turn: Turn | undefined
  #size = 0
  #last: number | undefined
  #over = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    if (this.#over || chunk.length === 0) return
    if (from === 'client' && this.#turn !== undefined && this.#turn.answered.length > 0) this.#finish('complete')
    this.#turn ??= this.#open(at)
    this.#size += chunk.length
    if (this.#size > (this.#options.messageLimit ?? DEFAULT_MESSAGE_LIMIT)) {
      this.#finish('aborted')
      this.#over = true
      const reason = `a message of an unknown protocol is longer than ${this.#options.messageLimit ?? DEFAULT_MESSAGE_LIMIT} bytes`
      this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
      return
    }
    this.#turn.endedAt = at
    if (from === 'client') this.#turn.asked.push(chunk)
    else this.#turn.answered.push(chunk)
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'server') this.#finish('complete', { ended: 'end', at })
  }

  abort(at: number): void {
    this.#finish(this.#turn?.answered.length === 0 ? 'aborted' : 'complete', { ended: 'reset', at })
    this.#over = true
  }

  stop(): void {
    this.#finish(this.#turn?.answered.length === 0 ? 'open' : 'complete')
    this.#over = true
  }

  #open(at: number): Turn {
    const id = this.#options.nextId()
    this.#size = 0
    this.#emit({ type: 'open', id, at })
    return { id, startedAt: at, endedAt: at, asked: [], answered: [] }
  }

  #finish(
    state: 'complete' | 'open' | 'aborted',
    how?: { readonly ended: 'end' | 'reset'; readonly at: number },
  ): void {
    const turn = this.#turn
    this.#turn = undefined
    if (turn === undefined) return
    const request: Value = turn.asked.length === 0 ? null : textOrBytes(Buffer.concat(turn.asked))
    const own = request === null
    this.#emit({
      type: 'call',
      call: {
        protocol: 'generic',
        id: turn.id,
        connection: this.#options.connection,
        operation: own ? 'deliver' : 'send',
        request,
        ...(turn.answered.length > 0 && { response: textOrBytes(Buffer.concat(turn.answered)) }),
        lifetime: 'test',
        state,
        startedAt: turn.startedAt,
        endedAt: how?.at ?? turn.endedAt,
        ...(how !== undefined && { ended: how.ended }),
        ...(own && this.#last !== undefined && { after: this.#last }),
      },
    })
    this.#last = turn.id
  }
}
