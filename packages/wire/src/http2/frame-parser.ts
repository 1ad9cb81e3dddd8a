import { ByteQueue } from '../protocol/byte-queue.ts'

/** Types of frames (RFC 9113, 6). */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

/** Flags of frames that a reader needs. `ack` shares its bit with `endStream`. */
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  /** Without its padding. */
  readonly payload: Buffer
}

/** What every client sends first. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** Largest frame that is taken; peers agree on 16 KiB to 16 MiB. */
const FRAME_LIMIT = 16 * 1024 * 1024

/** Splits the bytes of one direction into frames. It never throws; after a problem it tells nothing more. */
export class FrameParser {
  readonly #queue = new ByteQueue()
  #preface: boolean
  problem: string | undefined

  constructor(from: 'client' | 'server') {
    this.#preface = from === 'client'
  }

  push(chunk: Uint8Array): void {
    if (this.problem === undefined) this.#queue.push(chunk)
  }

  /** The next whole frame. */
  next(): Frame | undefined {
    if (this.problem !== undefined) return undefined
    if (this.#preface) {
      const start = this.#queue.take(PREFACE.length)
      if (start === undefined) return undefined
      if (!start.equals(PREFACE)) return this.#fail('the connection does not begin as one of HTTP/2')
      this.#preface = false
    }
    const head = this.#queue.peek(9)
    if (head === undefined) return undefined
    const length = head.readUIntBE(0, 3)
    if (length > FRAME_LIMIT - 1) return this.#fail('a frame is longer than 16 MiB')
    const type = head[3] as number
    const flags = head[4] as number
    const stream = head.readUInt32BE(5) & 0x7fffffff
    // A frame of several chunks is joined once, when all of it is there.
    if (this.#queue.length < 9 + length) return undefined
    const whole = (this.#queue.take(9 + length) as Buffer).subarray(9)
    const payload = this.#unpad(type, flags, whole)
    return payload === undefined ? undefined : { type, flags, stream, payload }
  }

  #unpad(type: number, flags: number, payload: Buffer): Buffer | undefined {
    const padded = type === FRAME.data || type === FRAME.headers || type === FRAME.pushPromise
    let start = 0
    let end = payload.length
    if (padded && (flags & FLAG.padded) !== 0) {
      start = 1
      end -= payload[0] ?? 0
    }
    if (type === FRAME.headers && (flags & FLAG.priority) !== 0) start += 5
    if (start > end) return this.#fail('the padding of a frame is longer than the frame')
    return payload.subarray(start, end)
  }

  #fail(problem: string): undefined {
    this.problem = problem
    return undefined
  }
}
