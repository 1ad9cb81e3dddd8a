import fc from 'fast-check'
import { expect, test } from 'vitest'

import { hasDuplicateKeys } from './duplicate-keys.ts'
import { jsonParseExact } from './parse-exact.ts'

function repeats(text: string): boolean {
  const result = jsonParseExact(text)
  if (!result.ok) throw new Error(result.message)
  return hasDuplicateKeys(text, result.value)
}

test.each([
  ['{"a":1,"a":2}', true],
  [String.raw`{"a":1,"\u0061":2}`, true],
  ['[{"b":[{"a" : 1,"a"\n: 1}]}]', true],
  ['{"__proto__":1,"__proto__":2}', true],
  ['{"a":1,"b":{"a":2}}', false],
  [String.raw`{"a":"x\":1,\"a\":","b\\":":","c":9007199254740993}`, false],
  ['"a"', false],
])('says of %s whether a key stands twice', (text, expected) => {
  expect(repeats(text)).toBe(expected)
})

test('finds none in what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(repeats(JSON.stringify(value))).toBe(false)
      expect(repeats(JSON.stringify(value, undefined, 2))).toBe(false)
    }),
  )
})

test('keeps every value of a repeated key when asked to', () => {
  const text = '{"a":1,"a":2,"a":{"b":1,"b":2}}'
  expect(jsonParseExact(text, { duplicates: 'keep' })).toEqual({
    ok: true,
    value: { a: 1, 'a (2)': 2, 'a (3)': { b: 1, 'b (2)': 2 } },
  })
  expect(jsonParseExact(text)).toEqual({ ok: true, value: { a: { b: 2 } } })
})
