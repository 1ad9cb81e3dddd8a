/** Where Snappy and LZ4 write to: literal bytes, and copies of what was written before. Throws a `RangeError` above its limit. */
export class Lz77Output {
  #bytes: Buffer
  #length = 0
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
    this.#bytes = Buffer.alloc(Math.min(limit, 4096))
  }

  get length(): number {
    return this.#length
  }

  literal(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Repeats `length` bytes from `distance` bytes ago; they may overlap what is being written. */
  copy(distance: number, length: number): void {
    if (distance < 1 || distance > this.#length) throw new RangeError('a copy begins before the first byte')
    this.#reserve(length)
    for (let left = length; left > 0; left--) {
      this.#bytes[this.#length] = this.#bytes[this.#length - distance] as number
      this.#length++
    }
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    const wanted = this.#length + more
    if (wanted > this.#limit) throw new RangeError(`more than ${this.#limit} bytes come out`)
    if (wanted <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.min(this.#limit, Math.max(wanted, this.#bytes.length * 2)))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
