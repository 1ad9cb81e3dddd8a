/** Walks over the bytes of one message. Never throws: past the end it gives zeros and empties, and `broken` says so. */
export class Cursor {
  readonly #bytes: Buffer
  #at = 0
  /** Whether something was read that is not there. */
  broken = false

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  #has(length: number): boolean {
    if (!this.broken && length >= 0 && this.left >= length) return true
    this.broken = true
    return false
  }

  byte(): number {
    return this.#has(1) ? (this.#bytes[this.#at++] as number) : 0
  }

  int16(): number {
    if (!this.#has(2)) return 0
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    if (!this.#has(4)) return 0
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  uint32(): number {
    return this.int32() >>> 0
  }

  bytes(length: number): Buffer {
    if (!this.#has(length)) return Buffer.alloc(0)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** A text that ends with a zero. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) {
      this.broken = true
      return ''
    }
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** A value with its length in front; `null` for the length -1. */
  value(): Buffer | null {
    const length = this.int32()
    return length === -1 ? null : this.bytes(length)
  }
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value & 0xffff)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** A text that ends with a zero. */
export function cstring(text: string): Buffer {
  return Buffer.from(`${text.replaceAll('\0', '')}\0`, 'utf8')
}

/** A value with its length in front. */
export function sized(value: Uint8Array | null): Buffer {
  return value === null ? int32(-1) : Buffer.concat([int32(value.length), value])
}

/** A message: its letter, its length and what it says. */
export function message(letter: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(letter, 'latin1'), int32(body.length + 4), body])
}
