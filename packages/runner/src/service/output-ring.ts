/**
 * Keeps the last bytes of an endless output in memory that never grows. What is added beyond the limit pushes the
 * oldest bytes out.
 */
export class OutputRing {
  readonly #bytes: Buffer
  #end = 0
  #total = 0

  constructor(limit: number) {
    this.#bytes = Buffer.alloc(Math.max(1, limit))
  }

  /** Bytes that were ever added. */
  get total(): number {
    return this.#total
  }

  push(chunk: Uint8Array): void {
    const size = this.#bytes.length
    this.#total += chunk.length
    const kept = chunk.length > size ? chunk.subarray(chunk.length - size) : chunk
    const head = Math.min(kept.length, size - this.#end)
    this.#bytes.set(kept.subarray(0, head), this.#end)
    this.#bytes.set(kept.subarray(head), 0)
    this.#end = (this.#end + kept.length) % size
  }

  /** The kept output as text. A first line that lost its beginning is left out. */
  text(): string {
    const full = this.#total > this.#bytes.length
    const bytes = full
      ? Buffer.concat([this.#bytes.subarray(this.#end), this.#bytes.subarray(0, this.#end)])
      : this.#bytes.subarray(0, this.#total)
    const text = bytes.toString('utf8')
    const firstBreak = full ? text.indexOf('\n') : -1
    return firstBreak === -1 ? text : text.slice(firstBreak + 1)
  }

  /** The last lines, without the line break at the end. */
  lines(count: number): string {
    return this.text().replace(/\n+$/, '').split('\n').slice(-count).join('\n')
  }
}
