/** Told what a frame parser finds. Payload comes in pieces, unmasked. */
export interface FrameHandler {
  onFrame(frame: FrameHead): void
  onPayload(piece: Buffer): void
  onFrameEnd(): void
}

/** The head of one WebSocket frame (RFC 6455, 5.2). */
export interface FrameHead {
  readonly fin: boolean
  /** Set on the first frame of a message that permessage-deflate compressed. */
  readonly compressed: boolean
  readonly opcode: number
  readonly length: number
}

/** Splits bytes into WebSocket frames, whatever the size of a frame, in constant memory. Never throws. */
export class FrameParser {
  readonly #handler: FrameHandler
  readonly #head = Buffer.alloc(14)
  #headUsed = 0
  #headNeeded = 2
  #remaining = -1
  #masked = false
  #maskAt = 0
  /** Why nothing more can be parsed. */
  problem: string | undefined = undefined

  constructor(handler: FrameHandler) {
    this.#handler = handler
  }

  push(chunk: Buffer): void {
    let position = 0
    while (position < chunk.length && this.problem === undefined) {
      position = this.#remaining === -1 ? this.#readHead(chunk, position) : this.#readPayload(chunk, position)
    }
  }

  #readHead(chunk: Buffer, start: number): number {
    const stop = Math.min(chunk.length, start + this.#headNeeded - this.#headUsed)
    chunk.copy(this.#head, this.#headUsed, start, stop)
    this.#headUsed += stop - start
    if (this.#headUsed < this.#headNeeded) return stop
    const head = this.#head
    const second = head[1] ?? 0
    const short = second & 127
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0
    this.#masked = (second & 128) !== 0
    this.#headNeeded = 2 + extra + (this.#masked ? 4 : 0)
    if (this.#headUsed < this.#headNeeded) return stop
    const length = extra === 2 ? head.readUInt16BE(2) : extra === 8 ? Number(head.readBigUInt64BE(2)) : short
    const first = head[0] ?? 0
    const opcode = first & 15
    this.problem = frameProblem(first, opcode, length)
    if (this.problem !== undefined) return stop
    // The mask is kept where it lies: the last four bytes of the head.
    this.#maskAt = 0
    this.#remaining = length
    this.#handler.onFrame({ fin: (first & 128) !== 0, compressed: (first & 64) !== 0, opcode, length })
    if (length === 0) this.#finish()
    return stop
  }

  #readPayload(chunk: Buffer, start: number): number {
    const stop = Math.min(chunk.length, start + this.#remaining)
    let piece = chunk.subarray(start, stop)
    if (this.#masked) {
      // A copy: the chunk itself is on its way to the other side.
      piece = Buffer.from(piece)
      const base = this.#headNeeded - 4
      for (let index = 0; index < piece.length; index += 1) {
        piece[index] = (piece[index] ?? 0) ^ (this.#head[base + ((this.#maskAt + index) & 3)] ?? 0)
      }
      this.#maskAt = (this.#maskAt + piece.length) & 3
    }
    this.#remaining -= stop - start
    this.#handler.onPayload(piece)
    if (this.#remaining === 0) this.#finish()
    return stop
  }

  #finish(): void {
    this.#remaining = -1
    this.#headUsed = 0
    this.#headNeeded = 2
    this.#handler.onFrameEnd()
  }
}

function frameProblem(first: number, opcode: number, length: number): string | undefined {
  if ((first & 0x30) !== 0) return 'a WebSocket frame uses reserved bits'
  if ((opcode > 2 && opcode < 8) || opcode > 10) return `a WebSocket frame has the unknown opcode ${opcode}`
  if (opcode >= 8 && (length > 125 || (first & 128) === 0)) return 'a WebSocket control frame is long or fragmented'
  return Number.isSafeInteger(length) ? undefined : 'a WebSocket frame is impossibly long'
}
