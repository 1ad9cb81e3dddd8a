import { Buffer } from 'node:buffer'

/** Writes the fields of one packet. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = []

  uint(value: number, size: number): this {
    const bytes = Buffer.alloc(size)
    const limit = 2 ** (size * 8)
    bytes.writeUIntLE(((Math.trunc(value) % limit) + limit) % limit || 0, 0, size)
    return this.raw(bytes)
  }

  uint64(value: bigint): this {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
    return this.raw(bytes)
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    return this
  }

  text(text: string): this {
    return this.raw(Buffer.from(text, 'utf8'))
  }

  /** A length-encoded integer, in its shortest form. */
  length(value: number | bigint): this {
    const big = BigInt(value)
    if (big < 0xfbn) return this.uint(Number(big), 1)
    if (big <= 0xffffn) return this.uint(0xfc, 1).uint(Number(big), 2)
    if (big <= 0xffffffn) return this.uint(0xfd, 1).uint(Number(big), 3)
    return this.uint(0xfe, 1).uint64(big)
  }

  /** A length-encoded string. */
  string(value: string | Uint8Array): this {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
    return this.length(bytes.length).raw(bytes)
  }

  null(): this {
    return this.uint(0xfb, 1)
  }

  zeroEnded(text: string): this {
    return this.text(text).uint(0, 1)
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
