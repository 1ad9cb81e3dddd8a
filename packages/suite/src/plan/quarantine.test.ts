import { expect, it } from 'vitest'

import { checkQuarantine, quarantineOf } from './quarantine.ts'

const whole = { test: 'a.test.ts > adds', reason: 'races; #1', until: '2026-12-31' }

it('takes entries with a test, a reason and a day to come', () => {
  expect(checkQuarantine([whole], '2026-12-31')).toEqual([whole])
  expect(checkQuarantine([{ ...whole, until: new Date('2026-12-31') }], '2026-01-01')).toEqual([whole])
})

it.each([
  [{ ...whole, reason: '  ' }, 'has no reason'],
  [{ ...whole, until: undefined }, 'has no last day'],
  [{ ...whole, until: '2026-02-30' }, 'has no last day'],
  [{ ...whole, until: '2026-11-20' }, 'has expired on 2026-11-20'],
  [{ reason: 'x', until: '2026-12-31' }, 'entry 1 names no test'],
])('refuses %j', (entry, message) => {
  expect(() => checkQuarantine([entry], '2026-11-21')).toThrow(message)
})

it.each([
  ['a.test.ts > adds', true],
  ['a.test.ts', true],
  ['a.test.ts > ad*', true],
  ['*> adds', true],
  ['a*test*adds', true],
  ['adds', false],
  ['a.test.ts > add', false],
  ['a.test.ts > adds*adds', false],
])('%s means the test: %s', (test, means) => {
  expect(quarantineOf([{ ...whole, test }], 'a.test.ts', 'adds') !== undefined).toBe(means)
})
