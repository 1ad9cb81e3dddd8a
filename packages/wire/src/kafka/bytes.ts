/** Reads the primitive types of the protocol, big-endian. Reading past the end throws a `RangeError`. */
export class ByteReader {
  #at = 0
  readonly #buffer: Buffer

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#buffer.length - this.#at
  }

  int8(): number {
    return this.#buffer.readInt8(this.#skip(1))
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#skip(2))
  }

  uint16(): number {
    return this.#buffer.readUInt16BE(this.#skip(2))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#skip(4))
  }

  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#skip(8))
  }

  float64(): number {
    return this.#buffer.readDoubleBE(this.#skip(8))
  }

  /** A number without a sign, of at most 32 bits. */
  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#skip(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a number has more than five bytes')
  }

  /** A signed number of at most 64 bits, zigzag encoded. */
  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#buffer.readUInt8(this.#skip(1))
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    }
    throw new RangeError('a number has more than ten bytes')
  }

  raw(length: number): Buffer {
    const start = this.#skip(length)
    return this.#buffer.subarray(start, start + length)
  }

  rest(): Buffer {
    return this.raw(this.left)
  }

  #skip(length: number): number {
    if (!(length >= 0) || length > this.left)
      throw new RangeError(`${length} bytes were wanted and ${this.left} are left`)
    const start = this.#at
    this.#at += length
    return start
  }
}

/** Writes the same types. */
export class ByteWriter {
  readonly #parts: Buffer[] = []

  int8(value: number): this {
    return this.#fixed(1, (buffer) => buffer.writeInt8((value << 24) >> 24))
  }

  int16(value: number): this {
    return this.#fixed(2, (buffer) => buffer.writeInt16BE((value << 16) >> 16))
  }

  int32(value: number): this {
    return this.#fixed(4, (buffer) => buffer.writeInt32BE(value | 0))
  }

  int64(value: bigint): this {
    return this.#fixed(8, (buffer) => buffer.writeBigInt64BE(BigInt.asIntN(64, value)))
  }

  float64(value: number): this {
    return this.#fixed(8, (buffer) => buffer.writeDoubleBE(value))
  }

  uvarint(value: number): this {
    return this.#seven(BigInt(value))
  }

  varint(value: bigint): this {
    return this.#seven(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return this
  }

  done(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #seven(value: bigint): this {
    const bytes: number[] = []
    let rest = value
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
    bytes.push(Number(rest))
    return this.raw(Buffer.from(bytes))
  }

  #fixed(length: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(length)
    write(buffer)
    return this.raw(buffer)
  }
}
