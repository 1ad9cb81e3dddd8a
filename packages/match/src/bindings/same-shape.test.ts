import { expect, test } from 'vitest'

import { sameShape } from './same-shape.ts'

test.each([
  ['123', '4', true],
  ['-123', '-4', true],
  ['-123', '4', false],
  ['123', '-4', false],
  ['123', 'a4', false],
  ['123', '4a', false],
  ['123', '1.5', false],
  ['a', '1', false],
  ['session-1a', 'session-2bc', true],
  ['session-1a', 'token-2bc', false],
  ['session-1a', 'x-session-2bc', false],
  ['a.b:c_1x', 'a.b:c_2y', true],
  ['a.b:c_1x', 'a.b:d_2y', false],
  ['"abc"', '"xyz"', true],
  ['"abc"', 'xyz', false],
  ['abc', '"xyz"', false],
  ['W/"abc"', 'W/"xyz"', true],
  ['W/"abc"', '"xyz"', false],
  ['"abc"', 'W/"xyz"', false],
  ['abc', '', false],
  ['abc', 'x y', false],
  ['abc', 'xy\n', false],
  // A third to three times as long.
  ['abcd', 'x'.repeat(12), true],
  ['abcd', 'x'.repeat(13), false],
  ['abcdef', 'xy', true],
  ['abcdefg', 'xy', false],
])('that %j may be %j now: %s', (recorded, live, same) => {
  expect(sameShape(recorded, live)).toBe(same)
})
