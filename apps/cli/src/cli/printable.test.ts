import { expect, test } from 'vitest'

import { printable, printableLine } from './printable.ts'

test('what a terminal would act on is shown instead; lines, tabs and letters stay', () => {
  expect(printable('a\u001b[31mb\u009bc\u202ed\r\ne\tü')).toBe('a\\x1b[31mb\\x9bc\\u202ed\\x0d\ne\tü')
})

test('a name stays on one line', () => {
  expect(printableLine('a\n::error::b\tc')).toBe('a\\n::error::b\\tc')
})
