import {
  BSON,
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { canonicalJson, parseExtendedJson } from './extended-json.ts'
import { readDocument } from './read-bson.ts'
import { writeDocument } from './write-bson.ts'

const everyType = {
  double: new Double(1.5),
  whole: new Double(2),
  minusZero: new Double(-0),
  notANumber: new Double(Number.NaN),
  endless: new Double(-Infinity),
  huge: new Double(1e300),
  text: 'grün \u0000 ☃',
  document: { a: { b: [] } },
  list: [new Int32(1), 'two', null],
  uuid: new Binary(Buffer.alloc(16, 7), 4),
  old: new Binary(Buffer.from('abc'), 2),
  id: new ObjectId('64b000000000000000000001'),
  yes: true,
  date: new Date(-5),
  nothing: null,
  regex: new BSONRegExp('^a.*', 'im'),
  code: new Code('f()'),
  scoped: new Code('f()', { x: new Int32(1) }),
  int: new Int32(-7),
  time: new Timestamp({ t: 4_000_000_000, i: 3 }),
  long: Long.fromString('9223372036854775807'),
  decimal: Decimal128.fromString('1.10E+5'),
  least: new MinKey(),
  most: new MaxKey(),
}

test('every type comes out of BSON as extended JSON, and goes back to the same bytes', () => {
  const bytes = Buffer.from(BSON.serialize(everyType))
  const tree = readDocument(bytes)
  expect(tree).toMatchObject({
    double: 1.5,
    whole: { $numberDouble: '2.0' },
    minusZero: { $numberDouble: '-0.0' },
    notANumber: { $numberDouble: 'NaN' },
    int: -7,
    long: { $numberLong: '9223372036854775807' },
    id: { $oid: '64b000000000000000000001' },
    date: { $date: { $numberLong: '-5' } },
    decimal: { $numberDecimal: '1.10E+5' },
    time: { $timestamp: { t: 4_000_000_000, i: 3 } },
    uuid: { $binary: { base64: 'BwcHBwcHBwcHBwcHBwcHBw==', subType: '04' } },
    scoped: { $code: 'f()', $scope: { x: 1 } },
  })
  expect(writeDocument(tree ?? {}).equals(bytes)).toBe(true)
  // The driver's own writer of extended JSON agrees on the canonical form.
  const own = BSON.EJSON.parse(canonicalJson(tree ?? {}), { relaxed: false }) as BSON.Document
  expect(Buffer.from(BSON.serialize(own)).equals(bytes)).toBe(true)
  expect(parseExtendedJson(canonicalJson(tree ?? {}))).toEqual(tree)
})

test('a query that only looks like a typed value stays a document', () => {
  for (const filter of [
    { $oid: 'no id' },
    { $date: 'never' },
    { $regex: '^a', $options: 'i' },
    { $minKey: 2 },
    { $code: { a: 1 } },
  ]) {
    expect(readDocument(writeDocument({ filter }))).toEqual({ filter })
  }
})

test('documents with any keys and values go through BSON unchanged', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((long) => ({ $numberLong: String(long) })),
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z_.]{0,6}$/), tie('tree'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), tree, { maxKeys: 4 }), (document) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only values that trees have are drawn
      expect(readDocument(writeDocument(document as never))).toEqual({ ...document })
    }),
    { numRuns: 300 },
  )
})

test('bytes that are no document, cut ones and lying lengths give nothing', () => {
  const bytes = Buffer.from(BSON.serialize(everyType))
  for (let length = 0; length < bytes.length; length++) {
    expect(readDocument(bytes.subarray(0, length))).toBeUndefined()
    const cut = Buffer.from(bytes.subarray(0, length))
    if (length >= 4) cut.writeInt32LE(length)
    expect(readDocument(cut)).toBeUndefined()
  }
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Buffer.from(bytes)
      changed[at] = byte
      const tree = readDocument(changed)
      expect(tree === undefined || readDocument(writeDocument(tree)) !== undefined).toBe(true)
    }),
    { numRuns: 500 },
  )
  let deep: Buffer = Buffer.from('0500000000', 'hex')
  for (let depth = 0; depth < 5000; depth++) {
    const length = Buffer.alloc(4)
    length.writeInt32LE(deep.length + 8)
    deep = Buffer.concat([length, Buffer.from('036100', 'hex'), deep, Buffer.from([0])])
  }
  expect(readDocument(deep)).toBeUndefined()
})
