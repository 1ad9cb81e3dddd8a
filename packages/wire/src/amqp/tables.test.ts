import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Input, Malformed } from './bytes.ts'
import { readTable, writeTable } from './tables.ts'

type Tree = { readonly [key: string]: Value }

test('each type of field is read, and written as the same bytes', () => {
  const fields: readonly (readonly [hex: string, value: Value])[] = [
    ['7401', true],
    ['62ff', { $int8: -1 }],
    ['42ff', { $uint8: 255 }],
    ['73fffe', { $int16: -2 }],
    ['75fffe', { $uint16: 65_534 }],
    ['4900000005', 5],
    ['69ffffffff', { $uint32: 4_294_967_295 }],
    ['6c7fffffffffffffff', { $int64: '9223372036854775807' }],
    ['663fc00000', { $float: '1.5' }],
    ['644000000000000000', { $double: '2' }],
    ['643ff8000000000000', 1.5],
    ['44020000007d', { $decimal: '125e-2' }],
    ['5300000002c3bc', 'ü'],
    ['5300000001ff', { $longstr: new Uint8Array([255]) }],
    ['7800000001ff', new Uint8Array([255])],
    ['540000000065e8f000', { $timestamp: '1709764608' }],
    ['56', null],
    ['460000000401617400', { a: false }],
    ['410000000756564900000001', [null, null, 1]],
  ]
  for (const [hex, value] of fields) {
    const field = Buffer.concat([Buffer.from('016b', 'hex'), Buffer.from(hex, 'hex')])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(field.length)
    const bytes = Buffer.concat([length, field])
    expect(readTable(new Input(bytes)), hex).toEqual({ k: value })
    expect(writeTable({ k: value }).toString('hex')).toBe(bytes.toString('hex'))
  }
})

test('tables go through bytes unchanged, and cut or changed ones are refused or read, never more', () => {
  const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.integer({ min: -0x80000000, max: 0x7fffffff }),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
      fc.uint8Array({ maxLength: 5 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z-]{0,5}$/), tie('tree'), { maxKeys: 3 }) as fc.Arbitrary<Tree>,
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z-]{1,9}$/), tree, { maxKeys: 4 }), fc.nat(), (table, at) => {
      const bytes = writeTable(table)
      expect(readTable(new Input(bytes))).toEqual({ ...table })
      expect(() => readTable(new Input(bytes.subarray(0, at % bytes.length)))).toThrow(Malformed)
    }),
    { numRuns: 300 },
  )
})
