import { ByteReader } from '../bytes.ts'
import { Lz77Output } from './lz77-output.ts'

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])

/** Undoes Snappy (its format description), bare or in the blocks of snappy-java, which Java clients write. */
export function unpackSnappy(bytes: Buffer, limit: number): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return unpackBlock(bytes, limit)
  const reader = new ByteReader(bytes)
  reader.raw(16)
  const blocks: Buffer[] = []
  let size = 0
  while (reader.left > 0) {
    const block = unpackBlock(reader.raw(reader.int32()), limit - size)
    size += block.length
    blocks.push(block)
  }
  return Buffer.concat(blocks)
}

function unpackBlock(bytes: Buffer, limit: number): Buffer {
  const reader = new ByteReader(bytes)
  const length = reader.uvarint()
  const output = new Lz77Output(Math.min(limit, length))
  while (reader.left > 0) {
    const tag = reader.raw(1).readUInt8()
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      output.literal(reader.raw((short < 60 ? short : reader.raw(short - 59).readUIntLE(0, short - 59)) + 1))
    } else if (kind === 1) output.copy(((tag >> 5) << 8) | reader.raw(1).readUInt8(), ((tag >> 2) & 7) + 4)
    else output.copy(kind === 2 ? reader.raw(2).readUInt16LE() : reader.raw(4).readUInt32LE(), (tag >> 2) + 1)
  }
  if (output.length !== length) throw new RangeError('a block is shorter than it says')
  return output.done()
}
