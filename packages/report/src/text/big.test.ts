import { expect, it } from 'vitest'

import { truncate, wrap } from './width.ts'

it('handles values of megabytes in time that grows with what is shown, not with its square', () => {
  const wide = '日'.repeat(1_000_000)
  expect(truncate(wide, 9)).toBe('日日日日…')
  expect(truncate(wide, 9, 'middle')).toBe('日日…日日')
  expect(wrap('x'.repeat(1_000_000), 50)).toHaveLength(20_000)
})
