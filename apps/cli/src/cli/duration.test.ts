import { expect, test } from 'vitest'

import { parseDuration } from './duration.ts'

test.each([
  ['30s', 30_000],
  ['2m', 120_000],
  ['500ms', 500],
  ['1h30m', 5_400_000],
  ['1.5m', 90_000],
  ['10', 10_000],
])('%s is %d milliseconds', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each(['', 'x', '5x', '-1s', '1s later'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
