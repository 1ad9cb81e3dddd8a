import { expect, test } from 'vitest'

import { isShallow, MAX_JSON_DEPTH } from './json-depth.ts'

const nested = (depth: number, inner: string) =>
  JSON.parse('[{"a":'.repeat(depth) + inner + '}]'.repeat(depth)) as unknown

test('what is nested as deep as is allowed is shallow, and one level more is not, wherever it is', () => {
  const deepest = nested(MAX_JSON_DEPTH / 2, '"text"')
  expect(isShallow(deepest)).toBe(true)
  expect(isShallow([1, deepest, 2])).toBe(false)
})

test('what would exhaust the stack is looked at without', () => {
  const bottomless = nested(100_000, '1')
  expect(() => JSON.stringify(bottomless)).toThrow(RangeError)
  expect(isShallow(bottomless)).toBe(false)
})

test.each([null, 0, '', 'text', [], {}, Array.from({ length: 100_000 }, () => 1)])(
  'a flat value is shallow',
  (value) => {
    expect(isShallow(value)).toBe(true)
  },
)
