/** Thrown within this folder where bytes end too early or say what they cannot; readers give nothing then. */
export class Malformed extends Error {}

/** Reads big-endian numbers and strings one after the other. */
export class Input {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  take(length: number): Buffer {
    if (length > this.left) throw new Malformed()
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  uint(length: 1 | 2 | 4): number {
    return this.take(length).readUIntBE(0, length)
  }

  int(length: 1 | 2 | 4): number {
    return this.take(length).readIntBE(0, length)
  }

  short(): Buffer {
    return this.take(this.uint(1))
  }

  long(): Buffer {
    return this.take(this.uint(4))
  }
}

/** A number as that many bytes, cut to them. */
export function uint(length: 1 | 2 | 4 | 8, value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  const whole =
    typeof value === 'bigint' || Number.isFinite(value)
      ? BigInt(typeof value === 'bigint' ? value : Math.trunc(value))
      : 0n
  bytes.writeBigUInt64BE(BigInt.asUintN(64, whole))
  return bytes.subarray(8 - length)
}

/** Text of at most 255 bytes after its length; what is longer is cut between two characters. */
export function shortString(text: string): Buffer {
  let bytes = Buffer.from(text, 'utf8')
  if (bytes.length > 255) {
    let end = 255
    while (((bytes[end] as number) & 0xc0) === 0x80) end--
    bytes = bytes.subarray(0, end)
  }
  return Buffer.concat([uint(1, bytes.length), bytes])
}

/** Bytes after their length. */
export function longString(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint(4, bytes.length), bytes])
}
