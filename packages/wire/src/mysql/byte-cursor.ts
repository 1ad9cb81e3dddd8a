/** Reads the fields of one packet. Reading past the end throws `PacketEnd`, which only this folder catches. */
export class ByteCursor {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** An unsigned integer of 1 to 6 bytes. */
  uint(size: number): number {
    const start = this.#skip(size)
    return size === 1 ? (this.bytes[start] as number) : this.bytes.readUIntLE(start, size)
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64LE(this.#skip(8))
  }

  take(size: number): Buffer {
    const start = this.#skip(size)
    return this.bytes.subarray(start, start + size)
  }

  rest(): Buffer {
    return this.take(this.left)
  }

  /** A length-encoded integer; `null` for the mark of NULL. */
  lengthOrNull(): bigint | null {
    const first = this.uint(1)
    if (first === 0xfb) return null
    if (first === 0xfc) return BigInt(this.uint(2))
    if (first === 0xfd) return BigInt(this.uint(3))
    if (first === 0xfe) return this.uint64()
    if (first === 0xff) throw new PacketEnd('a length-encoded integer begins with 0xff')
    return BigInt(first)
  }

  length(): bigint {
    const length = this.lengthOrNull()
    if (length === null) throw new PacketEnd('NULL in place of a length-encoded integer')
    return length
  }

  /** A length-encoded string; `null` for NULL. */
  stringOrNull(): Buffer | null {
    const length = this.lengthOrNull()
    if (length === null) return null
    if (length > BigInt(this.left)) throw new PacketEnd('a string is longer than its packet')
    return this.take(Number(length))
  }

  string(): Buffer {
    const string = this.stringOrNull()
    if (string === null) throw new PacketEnd('NULL in place of a length-encoded string')
    return string
  }

  /** A string that a zero byte ends, or the packet. */
  zeroEnded(): Buffer {
    const end = this.bytes.indexOf(0, this.at)
    if (end === -1) return this.rest()
    const string = this.take(end - this.at)
    this.at++
    return string
  }

  #skip(size: number): number {
    const start = this.at
    if (size < 0 || start + size > this.bytes.length) throw new PacketEnd('a packet ends too early')
    this.at = start + size
    return start
  }
}

/** A packet is not as its place in the conversation demands. */
export class PacketEnd extends Error {
  override readonly name = 'PacketEnd'
}
