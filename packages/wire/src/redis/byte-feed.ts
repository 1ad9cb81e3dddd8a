const NOTHING: Buffer = Buffer.alloc(0)
const CR = 13
const LF = 10
const SHORT = 48
/** Redis refuses inline commands and headers that are longer. */
const LINE_LIMIT = 64 * 1024

/**
 * Bytes of one direction, read by lines and stretches. Chunks are joined only when what was asked for can be there, so
 * that a value of many chunks costs one copy, and a message within one chunk none.
 */
export class ByteFeed {
  #bytes: Buffer = NOTHING
  #at = 0
  #chunks: Uint8Array[] = []
  #held = 0
  #need = 0
  /** Bytes that were read so far. */
  taken = 0

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.#held === 0 && this.#at === this.#bytes.length) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      this.#at = 0
      return
    }
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.length >= this.#need) this.#join()
  }

  /** Bytes that are there and were not read. */
  get length(): number {
    return this.#bytes.length - this.#at + this.#held
  }

  /** The next byte, without reading it; -1 when there is none. */
  first(): number {
    return this.#at < this.#bytes.length ? (this.#bytes[this.#at] as number) : -1
  }

  /** Reads up to CRLF and gives what stands before it. `too long`: no line of Redis is that long. */
  line(): Buffer | 'too long' | undefined {
    const bytes = this.#bytes
    let from = this.#at
    for (;;) {
      const end = bytes.indexOf(CR, from)
      if (end === -1 || end + 1 >= bytes.length) return this.#wait(LINE_LIMIT)
      if (bytes[end + 1] === LF) return this.#takeLine(end, end + 2)
      from = end + 1
    }
  }

  /** Reads up to LF, as inline commands end; a CR before it is left out. */
  looseLine(): Buffer | 'too long' | undefined {
    const end = this.#bytes.indexOf(LF, this.#at)
    if (end === -1) return this.#wait(LINE_LIMIT)
    return this.#takeLine(end > this.#at && this.#bytes[end - 1] === CR ? end - 1 : end, end + 1)
  }

  /** Reads a stretch; nothing when it is not there yet. */
  stretch(length: number): Buffer | undefined {
    const end = this.#at + length
    if (end > this.#bytes.length) {
      this.#need = length
      if (this.#held === 0 || this.length < length) return undefined
      this.#join()
      return this.stretch(length)
    }
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    this.taken += length
    return bytes
  }

  /**
   * Reads a short stretch of ASCII and the CRLF after it, as text: most words are that. Nothing is read when it is
   * something else, or not there as a whole.
   */
  ascii(length: number): string | undefined {
    const bytes = this.#bytes
    const from = this.#at
    const end = from + length
    if (length > SHORT || end + 2 > bytes.length || bytes[end] !== CR || bytes[end + 1] !== LF) return undefined
    for (let at = from; at < end; at++) if ((bytes[at] as number) > 127) return undefined
    this.#at = end + 2
    this.taken += length + 2
    return bytes.toString('latin1', from, end)
  }

  /**
   * Reads a number of up to ten digits that ends with CRLF, the header of most messages, without making text of it.
   * Nothing is read and -1 is given when it is something else, or not there as a whole.
   */
  count(): number {
    const bytes = this.#bytes
    let at = this.#at + 1
    let number = 0
    const limit = Math.min(bytes.length - 1, at + 10)
    for (; at < limit; at++) {
      const digit = (bytes[at] as number) - 48
      if (digit < 0 || digit > 9) break
      number = number * 10 + digit
    }
    const digits = at - this.#at - 1
    if (digits === 0 || bytes[at] !== CR || bytes[at + 1] !== LF) return -1
    if (digits > 1 && bytes[this.#at + 1] === 48) return -1
    this.taken += at + 2 - this.#at
    this.#at = at + 2
    return number
  }

  #takeLine(end: number, next: number): Buffer | 'too long' {
    if (end - this.#at > LINE_LIMIT) return 'too long'
    const line = this.#bytes.subarray(this.#at, end)
    this.taken += next - this.#at
    this.#at = next
    return line
  }

  #wait(limit: number): 'too long' | undefined {
    if (this.#bytes.length - this.#at > limit) return 'too long'
    this.#need = this.#bytes.length - this.#at + 1
    return undefined
  }

  #join(): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...this.#chunks])
    this.#at = 0
    this.#chunks = []
    this.#held = 0
  }
}
