import fc from 'fast-check'
import { expect, test } from 'vitest'

import { textEqualsBytes } from './text-equals-bytes.ts'

test('agrees with encoding the text, for any text', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(textEqualsBytes(a, Buffer.from(a))).toBe(true)
      expect(textEqualsBytes(a, Buffer.from(b))).toBe(Buffer.from(a).equals(Buffer.from(b)))
    }),
  )
})

test('does not mistake a wide character for the byte that it ends in', () => {
  expect(textEqualsBytes('\u0141', Buffer.from('A'))).toBe(false)
  expect(textEqualsBytes('é', Buffer.from([0xe9]))).toBe(false)
})

test('keeps pairs of surrogates together where chunks meet', () => {
  for (const shift of [0, 1, 2]) {
    const text = 'x'.repeat(65_534 + shift) + '😀'.repeat(40_000)
    expect(textEqualsBytes(text, Buffer.from(text))).toBe(true)
    expect(textEqualsBytes(text, Buffer.from(`${text.slice(0, -2)}😁`))).toBe(false)
  }
})
