import { ByteReader } from '../bytes.ts'
import type { KafkaRecord } from './record.ts'
import { unpack } from './unpack.ts'

/** Reads one entry of the formats before Kafka 0.11 (message sets, magic 0 and 1); a compressed entry holds others. */
export function readMessage(offset: bigint, bytes: Buffer, depth = 0): readonly KafkaRecord[] {
  const reader = new ByteReader(bytes)
  reader.int32() // checksum
  const magic = reader.int8()
  const attributes = reader.int8()
  const timestamp = magic === 1 ? reader.int64() : -1n
  const key = field(reader)
  const value = field(reader)
  if ((attributes & 7) === 0) return [{ offset, timestamp, key, value, headers: [] }]
  if (depth > 0 || value === null) throw new RangeError('compressed messages hold compressed ones')
  const inner = new ByteReader(unpack(attributes & 7, value))
  const records: KafkaRecord[] = []
  while (inner.left > 0) records.push(...readMessage(inner.int64(), inner.raw(inner.int32()), 1))
  // In format 1 the offsets within are relative, and the entry has the offset of the last one.
  const shift = magic === 1 ? offset - (records.at(-1)?.offset ?? 0n) : 0n
  return records.map((record) => ({ ...record, offset: record.offset + shift }))
}

function field(reader: ByteReader): Buffer | null {
  const length = reader.int32()
  return length < 0 ? null : reader.raw(length)
}
