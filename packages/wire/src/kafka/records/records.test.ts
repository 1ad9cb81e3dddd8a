import { gzipSync, zstdCompressSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ByteWriter } from '../bytes.ts'
import { record } from '../test-messages.ts'
import { readBatches, writeBatch } from './record-batch.ts'
import { recordOf, recordTree } from './record-tree.ts'
import { unpack } from './unpack.ts'

const bytes = fc.option(
  fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
  { nil: null },
)
const headers = fc.array(
  fc.tuple(
    fc.string().map((name) => Buffer.from(name)),
    bytes,
  ),
  { maxLength: 3 },
)
const anyRecord = fc.record({
  offset: fc.bigInt(0n, 1n << 60n),
  timestamp: fc.bigInt(-1n, 1n << 50n),
  key: bytes,
  value: bytes,
  headers,
})

/** A message of the formats 0 and 1. */
function message(magic: 0 | 1, offset: number, value: Buffer, attributes = 0): Buffer {
  const body = new ByteWriter().int32(0).int8(magic).int8(attributes)
  if (magic === 1) body.int64(77n)
  const done = body.int32(-1).int32(value.length).raw(value).done()
  return new ByteWriter().int64(BigInt(offset)).int32(done.length).raw(done).done()
}

/** The same batch with its records compressed. */
function compressed(batch: Buffer, kind: number, records: Buffer): Buffer {
  const head = Buffer.from(batch.subarray(0, 61))
  head.writeInt16BE(kind, 21)
  head.writeInt32BE(61 - 12 + records.length, 8)
  return Buffer.concat([head, records])
}

/** What came out, or nothing where it was refused, which is as good. */
function outcome(run: () => number): number {
  try {
    return run()
  } catch {
    return 0
  }
}

describe('record batches', () => {
  it('are read as they were written, and so are their trees', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRecord, { selector: ({ offset }) => offset, minLength: 1, maxLength: 5 }),
        (some) => {
          const records = [...some]
            .sort((a, b) => (a.offset < b.offset ? -1 : 1))
            .filter(({ offset }, _, [first]) => offset - (first?.offset ?? 0n) < 2n ** 31n)
          expect(readBatches(writeBatch(records))).toEqual([{ producerId: -1n, transactional: false, records }])
          expect(records.map((each) => recordOf(recordTree(each)))).toEqual(records)
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each([
    [1, gzipSync],
    [4, zstdCompressSync],
    [
      2,
      (data: Buffer) =>
        Buffer.concat([new ByteWriter().uvarint(data.length).done(), Buffer.from([0xf0, data.length - 1]), data]),
    ],
  ])('of compression %i are read', (kind, pack) => {
    const batch = writeBatch([record(5, 'k', 'v'.repeat(90))])
    expect(readBatches(compressed(batch, kind, pack(batch.subarray(61))))[0]?.records).toEqual([
      record(5, 'k', 'v'.repeat(90)),
    ])
  })

  it('that are cut off at the end of an answer are left out', () => {
    const batch = writeBatch([record(5, 'k', 'v')])
    for (let length = 0; length < batch.length; length++) expect(readBatches(batch.subarray(0, length))).toEqual([])
    expect(readBatches(Buffer.concat([batch, batch.subarray(0, 40)]))).toHaveLength(1)
  })

  it('never make more of few bytes than there is room for, and never hang', () => {
    const batch = writeBatch([record(5, 'k', 'v')])
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(batch.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 80 }),
        (changes, more) => {
          const broken = Buffer.concat([batch, more])
          for (const [at, byte] of changes) broken[at] = byte
          expect(outcome(() => readBatches(broken).length)).toBeLessThan(9)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('count no more records than bytes', () => {
    const batch = writeBatch([record(5, 'k', 'v')])
    batch.writeInt32BE(0x7fffffff, 57)
    expect(() => readBatches(batch)).toThrow('2147483647 records')
  })
})

describe('the older formats of messages', () => {
  it('are read', () => {
    expect(
      readBatches(Buffer.concat([message(0, 3, Buffer.from('a')), message(1, 4, Buffer.from('b'))])).flatMap(
        ({ records }) => records,
      ),
    ).toEqual([
      { offset: 3n, timestamp: -1n, key: null, value: Buffer.from('a'), headers: [] },
      { offset: 4n, timestamp: 77n, key: null, value: Buffer.from('b'), headers: [] },
    ])
  })

  it('are read compressed: offsets are absolute in format 0, relative in format 1', () => {
    const offsets = (outer: Buffer) => readBatches(outer).flatMap(({ records }) => records.map(({ offset }) => offset))
    const old = Buffer.concat([message(0, 7, Buffer.from('a')), message(0, 8, Buffer.from('b'))])
    const newer = Buffer.concat([message(1, 0, Buffer.from('a')), message(1, 1, Buffer.from('b'))])
    expect(offsets(message(0, 8, gzipSync(old), 1))).toEqual([7n, 8n])
    expect(offsets(message(1, 8, gzipSync(newer), 1))).toEqual([7n, 8n])
  })
})

describe('Snappy and LZ4', () => {
  it('repeat what was there before', () => {
    // "ab", then six bytes from two back.
    expect(unpack(2, Buffer.from([8, 0x04, 0x61, 0x62, 0x09, 0x02])).toString()).toBe('abababab')
    const frame = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 5, 0, 0, 0, 0x22, 0x61, 0x62, 2, 0, 0, 0, 0, 0]
    expect(unpack(3, Buffer.from(frame)).toString()).toBe('abababab')
  })

  it('say so when bytes are not theirs, and write no more than the limit', () => {
    expect(() => unpack(2, Buffer.from([8, 0x09, 0x02]))).toThrow('before the first byte')
    expect(() => unpack(3, Buffer.from([1, 2, 3, 4, 5, 6]))).toThrow('not an LZ4 frame')
    expect(() => unpack(9, Buffer.alloc(1))).toThrow('9')
    // A block that says that it becomes four gigabytes.
    expect(() => unpack(2, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]))).toThrow('shorter')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(1, 2, 3, 4), (some, kind) => {
        expect(outcome(() => unpack(kind, Buffer.from(some)).length)).toBeLessThan(1 << 20)
      }),
      { numRuns: 500 },
    )
  })
})
