import type { Value } from '@keploy-framework/format'

import { ReplyParser } from './reply-parser.ts'

/** A stretch of what a server sent. */
export interface ScannedPiece {
  readonly bytes: Uint8Array
  /** The type of the message that ends here; absent where none does. */
  readonly ends?: string
  /** The message, when it was kept until it was whole. */
  readonly reply?: Value
}

const LF = 10
const HEADER_LIMIT = 32

/** Finds where the replies of a Redis server end, and reads those that matter; all others pass as they come. */
export class ReplyScanner {
  readonly #limit: number
  readonly #matters: (type: string) => boolean
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0
  #type = ''
  /** Values that the message still has to have; 0 between messages. */
  #left = 0
  #skip = 0
  #header = ''
  #kept: Uint8Array[] | undefined
  #keptBytes = 0
  #broken = false
  version: 2 | 3 = 2

  constructor(limit: number, matters: (type: string) => boolean) {
    this.#limit = limit
    this.#matters = matters
  }

  /** Whether bytes are kept back. */
  get holds(): boolean {
    return this.#kept !== undefined
  }

  push(chunk: Uint8Array): void {
    this.#chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.#at = 0
  }

  /** Gives what is kept back; nothing is read from then on. */
  release(): readonly Uint8Array[] {
    const kept = this.#kept ?? []
    this.#kept = undefined
    this.#broken = true
    return kept
  }

  /** The next piece; nothing when the chunk is used up. */
  next(): ScannedPiece | undefined {
    while (this.#at < this.#chunk.length) {
      const from = this.#at
      if (this.#broken) {
        this.#at = this.#chunk.length
        return this.#passed(this.#chunk.subarray(from))
      }
      if (this.#left === 0 && this.#skip === 0) this.#begin()
      this.#scan()
      const piece = this.#piece(this.#chunk.subarray(from, this.#at))
      if (piece !== undefined) return piece
    }
    return undefined
  }

  #begin(): void {
    this.#left = 1
    this.#type = String.fromCharCode(this.#chunk[this.#at] as number)
    if (this.#matters(this.#type)) this.#kept = []
  }

  #piece(bytes: Uint8Array): ScannedPiece | undefined {
    const whole = this.#left === 0 && this.#skip === 0
    if (this.#kept === undefined) return whole && !this.#broken ? { bytes, ends: this.#type } : { bytes }
    this.#kept.push(bytes)
    this.#keptBytes += bytes.length
    if (!this.#broken && !whole && this.#keptBytes <= this.#limit) return undefined
    const joined = Buffer.concat(this.#kept)
    this.#kept = undefined
    this.#keptBytes = 0
    if (!whole || this.#broken) return { bytes: joined }
    const parser = new ReplyParser(this.#limit, this.version)
    parser.push(joined)
    const reply = parser.next()
    return { bytes: joined, ends: this.#type, ...(reply !== undefined && { reply }) }
  }

  #passed(bytes: Uint8Array): ScannedPiece {
    const kept = this.#kept
    this.#kept = undefined
    return { bytes: kept === undefined ? bytes : Buffer.concat([...kept, bytes]) }
  }

  /** Goes on to the end of the message, or of the chunk. */
  #scan(): void {
    const chunk = this.#chunk
    while (this.#at < chunk.length && (this.#left > 0 || this.#skip > 0) && !this.#broken) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - this.#at)
        this.#skip -= step
        this.#at += step
        continue
      }
      const end = chunk.indexOf(LF, this.#at)
      const next = end === -1 ? chunk.length : end + 1
      if (this.#header.length < HEADER_LIMIT) {
        this.#header += chunk.toString('latin1', this.#at, Math.min(next, this.#at + HEADER_LIMIT))
      }
      this.#at = next
      if (end !== -1) this.#onHeader()
    }
  }

  #onHeader(): void {
    const header = this.#header
    this.#header = ''
    const type = header[0] ?? ''
    if ('+-:,(#_'.includes(type)) {
      this.#left--
      return
    }
    const count = /^.(-1|\d{1,10})\r\n$/.exec(header)?.[1]
    const number = Number(count)
    if (count === undefined || !'$!=*~>%|'.includes(type)) this.#broken = true
    else if (number === -1) this.#left--
    else if ('$!='.includes(type)) {
      this.#left--
      this.#skip = number + 2
    } else this.#left += type === '|' ? number * 2 : type === '%' ? number * 2 - 1 : number - 1
  }
}
