import type { HeaderPair } from '@keploy-framework/format'

import { chunkSize } from './chunk-size.ts'
import { CHUNKED, HOLD, OPAQUE, UNTIL_CLOSE } from './framing.ts'
import type { Framing } from './framing.ts'
import { Head, holdsHeadEnd, parseHeaderLines, parseRequestHead, parseResponseHead } from './head.ts'
import { latin1 } from './latin1.ts'

/** What a parser tells of the messages in its direction. */
export interface MessageHandler {
  /** A whole head; the answer says what follows it. `startedAt` is when its first byte came. */
  onHead(head: Head, startedAt: number, at: number): Framing
  /** Bytes of the body, transfer coding undone. */
  onBody(chunk: Buffer, at: number): void
  onEnd(trailers: HeaderPair[], at: number): void
  /** Bytes after an upgrade. */
  onOpaque(chunk: Buffer, at: number): void
  /** Nothing more can be parsed in this direction. */
  onProblem(reason: string, at: number): void
}

// What the parser expects next.
const HEAD = 0
const LENGTH = 1
const CLOSE = 2
const CHUNK_SIZE = 3
const CHUNK_DATA = 4
const CHUNK_END = 5
const TRAILERS = 6
const TUNNEL = 7
const HELD = 8
const DEAD = 9

const NO_TRAILERS: HeaderPair[] = []
const FIRST_LOOK = 4096
const SIZE_LINE_LIMIT = 4096

/** Splits the bytes of one direction of a connection into HTTP/1.x messages. It never throws and copies no body. */
export class MessageParser {
  readonly #handler: MessageHandler
  readonly #isRequest: boolean
  readonly #headLimit: number
  #state = HEAD
  #remaining = 0
  /** A head, trailer section or chunk-size line that is not whole yet. */
  #pending = ''
  #tail = ''
  #startedAt = 0
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(handler: MessageHandler, role: 'request' | 'response', headLimit: number) {
    this.#handler = handler
    this.#isRequest = role === 'request'
    this.#headLimit = headLimit
  }

  /** Whether the parser stands between two messages. */
  get idle(): boolean {
    return this.#state === HEAD && this.#pending === ''
  }

  get dead(): boolean {
    return this.#state === DEAD
  }

  push(chunk: Buffer, at: number): void {
    const end = chunk.length
    let position = 0
    while (position < end) {
      switch (this.#state) {
        case HEAD:
          position = this.#readHead(chunk, position, at)
          break
        case LENGTH:
        case CHUNK_DATA: {
          const stop = Math.min(end, position + this.#remaining)
          this.#remaining -= stop - position
          this.#handler.onBody(slice(chunk, position, stop), at)
          position = stop
          if (this.#remaining === 0) {
            if (this.#state === LENGTH) this.#finish(NO_TRAILERS, at)
            else this.#state = CHUNK_END
          }
          break
        }
        case CLOSE:
          this.#handler.onBody(slice(chunk, position, end), at)
          position = end
          break
        case CHUNK_SIZE:
          position = this.#readChunkSize(chunk, position, at)
          break
        case CHUNK_END:
          position = this.#readChunkEnd(chunk, position, at)
          break
        case TRAILERS:
          position = this.#readTrailers(chunk, position, at)
          break
        case TUNNEL:
          this.#handler.onOpaque(slice(chunk, position, end), at)
          position = end
          break
        case HELD:
          this.#hold(slice(chunk, position, end), at)
          position = end
          break
        default:
          return
      }
    }
  }

  /** The sender ended. Returns whether that was between two messages, or ended one that lasts until then. */
  end(at: number): boolean {
    if (this.#state === CLOSE) {
      this.#finish(NO_TRAILERS, at)
      this.#state = DEAD
      return true
    }
    const clean = this.idle || this.#state === TUNNEL
    this.#state = DEAD
    return clean
  }

  /** After `HOLD`: what was held back is HTTP again, or the bytes of a tunnel. */
  release(to: 'http' | 'tunnel', at: number): void {
    if (this.#state === DEAD) return
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    this.#state = to === 'http' ? HEAD : TUNNEL
    for (const chunk of held) this.push(chunk, at)
  }

  /** From now on every byte is dropped. */
  kill(): void {
    this.#state = DEAD
    this.#pending = ''
    this.#held = []
  }

  #fail(reason: string, at: number): void {
    this.kill()
    this.#handler.onProblem(reason, at)
  }

  #hold(chunk: Buffer, at: number): void {
    this.#heldBytes += chunk.length
    if (this.#heldBytes > this.#headLimit) this.#fail('too many bytes came before an upgrade was answered', at)
    else this.#held.push(chunk)
  }

  #finish(trailers: HeaderPair[], at: number): void {
    // The handler may hold or kill the parser from inside onEnd; the state is set first so that its choice stays.
    this.#state = HEAD
    this.#handler.onEnd(trailers, at)
  }

  /** Collects text until an empty line; returns the text, or undefined while it is not whole or cannot become whole. */
  #collect(chunk: Buffer, position: number, at: number): string | undefined {
    const room = this.#headLimit - this.#pending.length
    const stop = Math.min(chunk.length, position + room)
    if (this.#pending === '') {
      // Most heads are small and whole: look at a part before converting a long body to text for nothing.
      const first = Math.min(stop, position + FIRST_LOOK)
      const text = latin1(chunk, position, first)
      if (holdsHeadEnd(text)) return text
      const all = first === stop ? text : text + latin1(chunk, first, stop)
      if (first !== stop && holdsHeadEnd(all)) return all
      return this.#keep(all, chunk.length - position, at)
    }
    const text = latin1(chunk, position, stop)
    // Only what is new is searched, so that a sender of single bytes costs no more than any other.
    if (holdsHeadEnd(this.#tail + text)) return this.#pending + text
    return this.#keep(text, chunk.length - position, at)
  }

  #keep(text: string, available: number, at: number): undefined {
    this.#pending += text
    this.#tail = (this.#tail + text).slice(-2)
    if (this.#pending.length >= this.#headLimit || text.length < available) {
      this.#fail(`a message head is longer than ${this.#headLimit} bytes`, at)
    }
    return undefined
  }

  #readHead(chunk: Buffer, position: number, at: number): number {
    let start = position
    if (this.#pending === '') {
      // Empty lines between messages are allowed.
      while (start < chunk.length && (chunk[start] === 13 || chunk[start] === 10)) start += 1
      if (start === chunk.length) return start
      this.#startedAt = at
      this.#tail = ''
      if (chunk[start] === 0x16 && this.#isRequest) {
        this.#fail('the connection speaks TLS, not plain HTTP', at)
        return chunk.length
      }
    }
    const before = this.#pending.length
    const text = this.#collect(chunk, start, at)
    if (text === undefined) return chunk.length
    this.#pending = ''
    if (this.#isRequest && text.startsWith('PRI * HTTP/2.0')) {
      this.#fail('the connection speaks HTTP/2', at)
      return chunk.length
    }
    const head = new Head()
    const end = this.#isRequest ? parseRequestHead(text, 0, head) : parseResponseHead(text, 0, head)
    if (typeof end !== 'number') {
      this.#fail(end.problem, at)
      return chunk.length
    }
    this.#enter(this.#handler.onHead(head, this.#startedAt, at), at)
    return start + end - before
  }

  #enter(framing: Framing, at: number): void {
    if (this.#state === DEAD) return
    if (typeof framing === 'string') this.#fail(framing, at)
    else if (framing === 0) this.#finish(NO_TRAILERS, at)
    else if (framing > 0) {
      this.#remaining = framing
      this.#state = LENGTH
    } else if (framing === CHUNKED) this.#state = CHUNK_SIZE
    else if (framing === UNTIL_CLOSE) this.#state = CLOSE
    else if (framing === OPAQUE) this.#state = TUNNEL
    else if (framing === HOLD) this.#state = HELD
  }

  /** Called from `onEnd`: the next bytes wait for `release`. */
  holdNext(): void {
    if (this.#state !== DEAD) this.#state = HELD
  }

  #readChunkSize(chunk: Buffer, position: number, at: number): number {
    const newline = chunk.indexOf(10, position)
    const stop = newline === -1 ? chunk.length : newline
    if (this.#pending.length + stop - position > SIZE_LINE_LIMIT) {
      this.#fail('a chunk-size line is too long', at)
      return chunk.length
    }
    const line = this.#pending + latin1(chunk, position, stop)
    if (newline === -1) {
      this.#pending = line
      return stop
    }
    this.#pending = ''
    const size = chunkSize(line)
    if (size < 0) {
      this.#fail('a chunk size is not a hexadecimal number', at)
      return chunk.length
    }
    this.#remaining = size
    this.#state = size === 0 ? TRAILERS : CHUNK_DATA
    if (size === 0) {
      // The size line's own end counts as the line end in front of an empty trailer section.
      this.#pending = '\n'
      this.#tail = '\n'
    }
    return newline + 1
  }

  #readChunkEnd(chunk: Buffer, position: number, at: number): number {
    const byte = chunk[position]
    if (byte === 10) this.#state = CHUNK_SIZE
    else if (byte !== 13) this.#fail('a chunk is longer than its size says', at)
    return position + 1
  }

  #readTrailers(chunk: Buffer, position: number, at: number): number {
    const before = this.#pending.length
    const text = this.#collect(chunk, position, at)
    if (text === undefined) return chunk.length
    this.#pending = ''
    const trailers: HeaderPair[] = []
    const end = parseHeaderLines(text, 1, trailers, undefined)
    if (typeof end !== 'number') {
      this.#fail(end.problem, at)
      return chunk.length
    }
    this.#finish(trailers.length === 0 ? NO_TRAILERS : trailers, at)
    return position + end - before
  }
}

function slice(chunk: Buffer, start: number, end: number): Buffer {
  return start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end)
}
