import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { CapturedBody } from '@keploy-framework/format'

import { contentCodings } from '../content/decode.ts'
import { StreamDecoder } from '../content/stream-decoder.ts'
import { DEFAULT_DECODE_LIMIT } from '../defaults.ts'

/** Small steps, so that what one of them can grow to stays small. */
const STEP = 16 * 1024
const STEP_LIMIT = 20 * 1024 * 1024

/**
 * The digest of a body that is too large to keep: of its decoded content, which is what a replay compares; or, where it
 * cannot be decoded within bounds, of the bytes as they came.
 */
export class BodyDigest {
  readonly #wire: Hash = createHash('sha256')
  readonly #encoding: string | undefined
  readonly #decoder: StreamDecoder | undefined
  readonly #decoded: Hash | undefined
  #wireSize = 0
  #decodedSize = 0

  constructor(encoding: string | undefined) {
    const codings = contentCodings(encoding)
    this.#encoding = codings.length === 0 ? undefined : codings.join(', ')
    this.#decoder = this.#encoding === undefined ? undefined : new StreamDecoder(this.#encoding, STEP_LIMIT)
    this.#decoded = this.#decoder === undefined ? undefined : createHash('sha256')
  }

  push(chunk: Buffer): void {
    this.#wireSize += chunk.length
    this.#wire.update(chunk)
    for (let at = 0; at < chunk.length && this.#decodes; at += STEP) {
      const bytes = this.#decoder?.push(chunk.subarray(at, at + STEP))
      if (bytes === undefined) return
      this.#decodedSize += bytes.length
      this.#decoded?.update(bytes)
    }
  }

  capture(): CapturedBody {
    this.#decoder?.close()
    const base = { bytes: Buffer.alloc(0), wireSize: this.#wireSize }
    if (this.#encoding !== undefined && this.#decoded !== undefined && this.#decodes) {
      const omitted = { reason: 'limit', sha256: this.#decoded.digest('hex'), size: this.#decodedSize } as const
      return { ...base, encoding: this.#encoding, omitted }
    }
    return { ...base, omitted: { reason: 'limit', sha256: this.#wire.digest('hex'), size: this.#wireSize } }
  }

  get #decodes(): boolean {
    return this.#decoder !== undefined && !this.#decoder.failed && this.#decodedSize <= DEFAULT_DECODE_LIMIT
  }
}
