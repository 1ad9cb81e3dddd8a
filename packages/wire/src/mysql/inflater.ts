import { inflateSync, zstdDecompressSync } from 'node:zlib'

import { ByteQueue } from '../protocol/byte-queue.ts'
import { PacketEnd } from './byte-cursor.ts'

/** Takes the packets out of the compressed ones: 3 bytes of length, 1 of sequence, 3 of the length before compression. */
export class Inflater {
  readonly #queue = new ByteQueue()
  readonly #method: 'zlib' | 'zstd'

  constructor(method: 'zlib' | 'zstd') {
    this.#method = method
  }

  /** What a chunk completes. Throws where it cannot be decompressed. */
  push(chunk: Uint8Array): Buffer[] {
    this.#queue.push(chunk)
    const whole: Buffer[] = []
    for (;;) {
      const head = this.#queue.peek(7)
      if (head === undefined) return whole
      const length = head.readUIntLE(0, 3)
      const original = head.readUIntLE(4, 3)
      if (this.#queue.length < 7 + length) return whole
      this.#queue.skip(7)
      const body = this.#queue.take(length) as Buffer
      whole.push(original === 0 ? body : this.#inflate(body, original))
    }
  }

  #inflate(body: Buffer, length: number): Buffer {
    const options = { maxOutputLength: length }
    const plain = this.#method === 'zlib' ? inflateSync(body, options) : zstdDecompressSync(body, options)
    if (plain.length !== length) throw new PacketEnd('a compressed packet is shorter than it says')
    return plain
  }
}
