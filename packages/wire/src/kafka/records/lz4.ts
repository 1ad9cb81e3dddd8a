import { ByteReader } from '../bytes.ts'
import { Lz77Output } from './lz77-output.ts'

const MAGIC = 0x184d2204

/** Undoes LZ4 in its frame format. Checksums are not checked: those of batches are, by the broker. */
export function unpackLz4(bytes: Buffer, limit: number): Buffer {
  const reader = new ByteReader(bytes)
  if (reader.raw(4).readUInt32LE() !== MAGIC) throw new RangeError('not an LZ4 frame')
  const flags = reader.raw(2)[0] as number
  if (flags & 0x08) reader.raw(8)
  if (flags & 0x01) reader.raw(4)
  reader.raw(1)
  const output = new Lz77Output(limit)
  for (;;) {
    const size = reader.raw(4).readUInt32LE()
    if (size === 0) return output.done()
    const block = reader.raw(size & 0x7fffffff)
    if (size > 0x7fffffff) output.literal(block)
    else unpackBlock(block, output)
    if (flags & 0x10) reader.raw(4)
  }
}

function unpackBlock(bytes: Buffer, output: Lz77Output): void {
  const reader = new ByteReader(bytes)
  while (reader.left > 0) {
    const token = reader.raw(1).readUInt8()
    output.literal(reader.raw(lengthOf(token >> 4, reader)))
    if (reader.left === 0) return
    const distance = reader.raw(2).readUInt16LE()
    output.copy(distance, lengthOf(token & 15, reader) + 4)
  }
}

function lengthOf(short: number, reader: ByteReader): number {
  let length = short
  for (let more = short === 15 ? 255 : 0; more === 255; length += more) more = reader.raw(1).readUInt8()
  return length
}
