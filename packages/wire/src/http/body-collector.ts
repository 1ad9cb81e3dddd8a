import { createHash } from 'node:crypto'

import type { CapturedBody } from '@keploy-framework/format'

import { contentCodings, decodeContent } from '../content/decode.ts'
import { BodyDigest } from './body-digest.ts'

const NOTHING = Buffer.alloc(0)
const EMPTY: CapturedBody = { bytes: NOTHING, wireSize: 0 }

/** Keeps the bytes of one body up to a limit; past it only their number and digest. */
export class BodyCollector {
  readonly #limit: number
  readonly #encoding: string | undefined
  #size = 0
  /** One chunk by reference, or the joined bytes of several. */
  #kept: Buffer = NOTHING
  #used = 0
  #owned = false
  #digest: BodyDigest | undefined = undefined
  #captured: CapturedBody | undefined = undefined

  constructor(limit: number, encoding: string | undefined) {
    this.#limit = limit
    this.#encoding = encoding
  }

  push(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#digest !== undefined) {
      this.#digest.push(chunk)
    } else if (this.#size > this.#limit) {
      this.#digest = new BodyDigest(this.#encoding)
      this.#digest.push(this.#bytes())
      this.#digest.push(chunk)
      this.#kept = NOTHING
      this.#used = 0
    } else if (this.#used === 0) {
      this.#kept = chunk
      this.#used = chunk.length
    } else this.#append(chunk)
  }

  #append(chunk: Buffer): void {
    // Joined as they come: a list of a million one-byte chunks would cost a hundred times their size.
    const needed = this.#used + chunk.length
    if (!this.#owned || needed > this.#kept.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#used * 2, this.#limit)))
      this.#kept.copy(grown, 0, 0, this.#used)
      this.#kept = grown
      this.#owned = true
    }
    chunk.copy(this.#kept, this.#used)
    this.#used = needed
  }

  #bytes(): Buffer {
    return this.#used === this.#kept.length ? this.#kept : this.#kept.subarray(0, this.#used)
  }

  /** The body, with its content encoding undone. Nothing may be pushed afterwards. */
  capture(): CapturedBody {
    this.#captured ??= this.#size === 0 ? EMPTY : (this.#digest?.capture() ?? this.#decode(this.#bytes()))
    return this.#captured
  }

  #decode(bytes: Buffer): CapturedBody {
    const plain = { bytes, wireSize: this.#size }
    const codings = contentCodings(this.#encoding)
    if (codings.length === 0) return plain
    const decoded = decodeContent(bytes, this.#encoding, this.#limit)
    if (decoded.ok) return { bytes: decoded.bytes, wireSize: this.#size, encoding: codings.join(', ') }
    // A coding nobody knows may as well be a wrong header on a plain body: whoever redacts it decides.
    if (decoded.reason === 'unknown') return plain
    if (decoded.reason === 'limit') {
      const digest = new BodyDigest(this.#encoding)
      digest.push(bytes)
      return digest.capture()
    }
    // Bytes that cannot be decoded cannot be searched for secrets either.
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { bytes: NOTHING, wireSize: this.#size, omitted: { reason: 'decode', sha256, size: this.#size } }
  }
}
