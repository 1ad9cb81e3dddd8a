import type { StreamItem } from '@keploy-framework/format'

import { StreamDecoder } from '../content/stream-decoder.ts'
import { DEFAULT_BODY_LIMIT } from '../defaults.ts'
import { FrameParser } from './parse-frames.ts'
import type { FrameHead } from './parse-frames.ts'

/** What one WebSocket message holds. */
export type MessageData = StreamItem['data']

export interface MessageParserOptions {
  /** Bytes of one message that are kept, after decompression; default 1 MiB. A larger one is left out and counted. */
  readonly limit?: number
  /** Whether permessage-deflate was agreed on. */
  readonly deflate?: boolean
  /** Whether this side starts each message with an empty window. */
  readonly noContextTakeover?: boolean
}

const FLUSH_TAIL = Buffer.from([0, 0, 0xff, 0xff])

/**
 * Reads the WebSocket messages of one direction: masking, fragments, control frames in between, permessage-deflate.
 *
 * @example
 * const parser = new WebSocketParser()
 * parser.push(encodeFrame(Buffer.from('hi'), { opcode: 1 })) // [{ type: 'text', text: 'hi' }]
 */
export class WebSocketParser {
  readonly #frames: FrameParser
  readonly #limit: number
  readonly #deflate: boolean
  readonly #freshWindow: boolean
  #inflater: StreamDecoder | undefined = undefined
  #opcode = 0
  #compressed = false
  #frame: FrameHead | undefined = undefined
  #pieces: Buffer[] = []
  #size = 0
  #control: Buffer = Buffer.alloc(0)
  #found: MessageData[] = []
  /** Messages that were larger than the limit, and are missing. */
  tooLarge = 0
  #problem: string | undefined = undefined

  constructor(options: MessageParserOptions = {}) {
    this.#limit = options.limit ?? DEFAULT_BODY_LIMIT
    this.#deflate = options.deflate === true
    this.#freshWindow = options.noContextTakeover === true
    this.#frames = new FrameParser({
      onFrame: (frame) => this.#onFrame(frame),
      onPayload: (piece) => this.#onPayload(piece),
      onFrameEnd: () => this.#onFrameEnd(),
    })
  }

  /** Why nothing more can be parsed in this direction. */
  get problem(): string | undefined {
    return this.#problem ?? this.#frames.problem
  }

  push(chunk: Buffer): MessageData[] {
    if (this.problem === undefined) this.#frames.push(chunk)
    const found = this.#found
    if (found.length > 0) this.#found = []
    return found
  }

  close(): void {
    this.#inflater?.close()
  }

  #onFrame(frame: FrameHead): void {
    this.#frame = frame
    if (frame.opcode >= 8) {
      this.#control = Buffer.alloc(0)
      return
    }
    if (frame.compressed && !this.#deflate) this.#problem = 'a WebSocket frame is compressed, which was not agreed on'
    if ((frame.opcode === 0) === (this.#opcode === 0)) this.#problem = 'a WebSocket message has its fragments wrong'
    if (frame.opcode !== 0) {
      this.#opcode = frame.opcode
      this.#compressed = frame.compressed
    }
  }

  #onPayload(piece: Buffer): void {
    if (this.#problem !== undefined) return
    if ((this.#frame?.opcode ?? 0) >= 8) {
      this.#control = Buffer.concat([this.#control, piece])
      return
    }
    if (this.#compressed) this.#inflate(piece)
    else this.#add(piece)
  }

  #inflate(bytes: Buffer): void {
    this.#inflater ??= new StreamDecoder('deflate-raw', Math.max(this.#limit, 64 * 1024) * 8)
    // Bytes that will be dropped are still inflated: the window of the next message depends on them.
    const inflated = this.#inflater.push(bytes)
    if (inflated === undefined) this.#problem = 'a WebSocket message is not valid permessage-deflate'
    else this.#add(inflated)
  }

  #add(piece: Buffer): void {
    this.#size += piece.length
    if (this.#size > this.#limit) this.#pieces = []
    else if (piece.length > 0) this.#pieces.push(piece)
    // Many tiny fragments would cost more than their bytes.
    if (this.#pieces.length > 256) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  #onFrameEnd(): void {
    const frame = this.#frame
    if (frame === undefined || this.#problem !== undefined) return
    if (frame.opcode >= 8) this.#onControl(frame.opcode)
    else if (frame.fin) this.#onMessage()
  }

  #onControl(opcode: number): void {
    const bytes = this.#control
    if (opcode !== 8) this.#found.push({ type: opcode === 9 ? 'ping' : 'pong', bytes })
    else if (bytes.length < 2) this.#found.push({ type: 'close' })
    else this.#found.push({ type: 'close', code: bytes.readUInt16BE(0), reason: bytes.toString('utf8', 2) })
  }

  #onMessage(): void {
    if (this.#compressed) {
      this.#inflate(FLUSH_TAIL)
      if (this.#problem !== undefined) return
      if (this.#freshWindow) {
        this.#inflater?.close()
        this.#inflater = undefined
      }
    }
    if (this.#size > this.#limit) this.tooLarge += 1
    else {
      const bytes =
        this.#pieces.length === 1 && this.#pieces[0] !== undefined ? this.#pieces[0] : Buffer.concat(this.#pieces)
      this.#found.push(this.#opcode === 1 ? { type: 'text', text: bytes.toString('utf8') } : { type: 'binary', bytes })
    }
    this.#pieces = []
    this.#size = 0
    this.#opcode = 0
  }
}
