import { ByteReader, ByteWriter } from '../bytes.ts'
import { crc32c } from './crc32c.ts'
import { readMessage } from './message-set.ts'
import type { KafkaRecord, ReadBatch } from './record.ts'
import { unpack } from './unpack.ts'

const PREFIX = 17 // offset, length, leader epoch or checksum, magic

/** Reads all whole batches; the last one may be cut off, as the protocol allows. Throws where one cannot be read. */
export function readBatches(bytes: Uint8Array): readonly ReadBatch[] {
  const batches: ReadBatch[] = []
  const reader = new ByteReader(bytes)
  while (reader.left >= PREFIX) {
    const offset = reader.int64()
    const length = reader.int32()
    if (length > reader.left) break
    const batch = reader.raw(length)
    if (batch.length < 5) throw new RangeError('a batch is too short')
    const magic = batch.readInt8(4)
    if (magic === 2) batches.push(readBatch(offset, batch))
    else if (magic === 0 || magic === 1) {
      batches.push({ producerId: -1n, transactional: false, records: readMessage(offset, batch) })
    } else throw new RangeError(`format ${magic} of records is not known`)
  }
  return batches
}

function readBatch(baseOffset: bigint, bytes: Buffer): ReadBatch {
  const reader = new ByteReader(bytes)
  reader.raw(9) // leader epoch, magic, checksum
  const attributes = reader.int16()
  reader.int32() // delta of the last offset
  const baseTimestamp = reader.int64()
  const maxTimestamp = reader.int64()
  const producerId = reader.int64()
  reader.raw(6) // epoch and first sequence of the producer
  const count = reader.int32()
  const body = new ByteReader(unpack(attributes & 7, reader.rest()))
  if (count < 0 || count > body.left) throw new RangeError(`a batch cannot hold ${count} records`)
  const appendTime = (attributes & 0x08) !== 0
  const records = Array.from({ length: count }, (): KafkaRecord => {
    const record = new ByteReader(body.raw(Number(body.varint())))
    record.int8()
    const timestamp = baseTimestamp + record.varint()
    const offset = baseOffset + record.varint()
    const [key, value] = [field(record), field(record)]
    const headers = Number(record.varint())
    if (headers > record.left) throw new RangeError(`a record cannot hold ${headers} headers`)
    return {
      offset,
      timestamp: appendTime ? maxTimestamp : timestamp,
      key,
      value,
      headers: Array.from(
        { length: Math.max(0, headers) },
        () => [field(record) ?? Buffer.alloc(0), field(record)] as const,
      ),
    }
  })
  const control = (attributes & 0x20) !== 0
  const kind = records[0]?.key
  return {
    producerId,
    transactional: (attributes & 0x10) !== 0,
    // The key of a marker is its version and its kind.
    ...(control && {
      marker: kind?.length === 4 ? ((['abort', 'commit'] as const)[kind.readInt16BE(2)] ?? 'other') : 'other',
    }),
    records: control ? [] : records,
  }
}

function field(reader: ByteReader): Buffer | null {
  const length = Number(reader.varint())
  return length < 0 ? null : reader.raw(length)
}

/** Writes records as one batch of format 2, not compressed and of no producer. Offsets have to increase. */
export function writeBatch(records: readonly KafkaRecord[]): Buffer {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) return Buffer.alloc(0)
  const latest = records.reduce((most, { timestamp }) => (timestamp > most ? timestamp : most), first.timestamp)
  const body = new ByteWriter()
  for (const { offset, timestamp, key, value, headers } of records) {
    const record = new ByteWriter()
      .int8(0)
      .varint(timestamp - first.timestamp)
      .varint(offset - first.offset)
    writeField(record, key)
    writeField(record, value)
    record.varint(BigInt(headers.length))
    for (const [name, content] of headers) {
      writeField(record, name)
      writeField(record, content)
    }
    writeField(body, record.done())
  }
  const checked = new ByteWriter()
    .int16(0)
    .int32(Number(last.offset - first.offset))
    .int64(first.timestamp)
    .int64(latest)
    .int64(-1n)
    .int16(-1)
    .int32(-1)
    .int32(records.length)
    .raw(body.done())
    .done()
  return new ByteWriter()
    .int64(first.offset)
    .int32(checked.length + 9)
    .int32(-1)
    .int8(2)
    .int32(crc32c(checked))
    .raw(checked)
    .done()
}

function writeField(writer: ByteWriter, bytes: Buffer | null): void {
  writer.varint(BigInt(bytes?.length ?? -1))
  if (bytes !== null) writer.raw(bytes)
}
