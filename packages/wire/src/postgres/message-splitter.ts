import { ByteQueue } from '../protocol/byte-queue.ts'

export interface Message {
  /** One letter; empty for the first message of a client, which has none. */
  readonly letter: string
  readonly body: Buffer
}

/** Cuts one side of a connection into messages. */
export class MessageSplitter {
  readonly #queue = new ByteQueue()
  readonly #limit: number
  /** Why nothing more can be read. */
  problem: string | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Uint8Array): void {
    if (this.problem === undefined) this.#queue.push(chunk)
  }

  /** The next byte, without taking it. */
  peek(): number | undefined {
    return this.#queue.peek(1)?.[0]
  }

  /** The byte after the next one, without taking any. */
  peekSecond(): number | undefined {
    return this.#queue.peek(2)?.[1]
  }

  /** Takes one byte that is no message: the answer to a request for encryption. */
  skipByte(): void {
    this.#queue.skip(1)
  }

  /** Takes what came and was not cut yet. */
  rest(): Buffer {
    return this.#queue.takeAll()
  }

  /** The next message once it is whole. `typed`: whether it begins with a letter. */
  next(typed: boolean): Message | undefined {
    if (this.problem !== undefined) return undefined
    const offset = typed ? 1 : 0
    const head = this.#queue.peek(offset + 4)
    if (head === undefined) return undefined
    const length = head.readInt32BE(offset)
    const code = head[0] as number
    if (length < 4 || length > this.#limit || (typed && (code < 0x31 || code > 0x7a))) {
      this.problem =
        typed && (code < 0x31 || code > 0x7a)
          ? 'a message begins with no letter of Postgres'
          : `a message says that it is ${length} bytes long`
      return undefined
    }
    const bytes = this.#queue.take(offset + length)
    if (bytes === undefined) return undefined
    return { letter: typed ? String.fromCharCode(code) : '', body: bytes.subarray(offset + 4) }
  }
}
