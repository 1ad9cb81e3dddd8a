import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { CapturedBody } from '@keploy-framework/format'

import { contentCodings, decodeContent } from '../content/decode.ts'

const NOTHING = Buffer.alloc(0)
const EMPTY: CapturedBody = { bytes: NOTHING, wireSize: 0 }

/** Keeps the bytes of one body up to a limit; past it only their number and digest. */
export class BodyCollector {
  readonly #limit: number
  #size = 0
  /** One chunk by reference, or the joined bytes of several. */
  #kept: Buffer = NOTHING
  #used = 0
  #owned = false
  #hash: Hash | undefined = undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  push(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#hash !== undefined) {
      this.#hash.update(chunk)
    } else if (this.#size > this.#limit) {
      this.#hash = createHash('sha256').update(this.#bytes()).update(chunk)
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

  /** The body as it is now, with its content encoding undone. */
  capture(encoding: string | undefined): CapturedBody {
    if (this.#size === 0) return EMPTY
    if (this.#hash !== undefined) {
      const sha256 = this.#hash.copy().digest('hex')
      return { bytes: NOTHING, wireSize: this.#size, omitted: { reason: 'limit', sha256, size: this.#size } }
    }
    const bytes = this.#bytes()
    if (encoding === undefined) return { bytes, wireSize: this.#size }
    const codings = contentCodings(encoding)
    if (codings.length === 0) return { bytes, wireSize: this.#size }
    const decoded = decodeContent(bytes, encoding, this.#limit)
    if (decoded.ok) return { bytes: decoded.bytes, wireSize: this.#size, encoding: codings.join(', ') }
    // A coding nobody knows may as well be a wrong header on a plain body: whoever redacts it decides.
    if (decoded.reason === 'unknown') return { bytes, wireSize: this.#size }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const reason = decoded.reason === 'limit' ? 'limit' : 'decode'
    return { bytes: NOTHING, wireSize: this.#size, omitted: { reason, sha256, size: this.#size } }
  }
}
