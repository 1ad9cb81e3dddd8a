const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Bytes that came and were not read yet. Chunks are joined only where a reader asks for a stretch that spans several, so
 * that a message of many chunks costs one copy, not one for each chunk.
 *
 * @example
 * const queue = new ByteQueue()
 * queue.push(new Uint8Array([1, 2, 3]))
 * queue.take(2) // <Buffer 01 02>
 */
export class ByteQueue {
  #chunks: Buffer[] = []
  #head = 0
  #length = 0

  /** Bytes that are there. */
  get length(): number {
    return this.#length
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#length += chunk.length
  }

  /** The first `length` bytes without taking them; nothing when fewer are there. */
  peek(length: number): Buffer | undefined {
    if (length > this.#length) return undefined
    if (length === 0) return NOTHING
    const first = this.#chunks[0] as Buffer
    if (first.length - this.#head >= length) return first.subarray(this.#head, this.#head + length)
    const joined = Buffer.concat([first.subarray(this.#head), ...this.#chunks.slice(1)], this.#length)
    this.#chunks = [joined]
    this.#head = 0
    return joined.subarray(0, length)
  }

  /** Takes the first `length` bytes; nothing when fewer are there. They must not be written to. */
  take(length: number): Buffer | undefined {
    const bytes = this.peek(length)
    if (bytes !== undefined) this.skip(length)
    return bytes
  }

  /** Drops the first `length` bytes, which have to be there. */
  skip(length: number): void {
    this.#length -= length
    let at = this.#head + length
    while (this.#chunks.length > 0 && at >= (this.#chunks[0] as Buffer).length) {
      at -= (this.#chunks[0] as Buffer).length
      this.#chunks.shift()
    }
    this.#head = at
  }

  /** Takes everything. */
  takeAll(): Buffer {
    return this.take(this.#length) ?? NOTHING
  }
}
