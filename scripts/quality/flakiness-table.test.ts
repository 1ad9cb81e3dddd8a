import { expect, test } from 'vitest'

import { flakinessFigures, flakinessText } from './flakiness-table.ts'

const result = (name: string, status: string, attempts: number, ...tags: string[]) => ({
  file: 'a.test.ts',
  name,
  status,
  attempts,
  tags,
})

test('a test that passed and failed is flaky, and one that never passed has failed', () => {
  const sets = [
    { tests: [result('steady', 'passed', 20), result('races', 'failed', 20, 'unit', 'flaky')] },
    { tests: [result('broken', 'failed', 20), result('skipped', 'skipped', 20), result('once', 'passed', 1)] },
  ]
  const figures = flakinessFigures({ sets })
  expect(figures).toEqual({
    measured: 4,
    flaky: ['a.test.ts > races'],
    failed: ['a.test.ts > broken'],
    percent: 25,
  })
  expect(flakinessText(figures, 1)).toBe(
    [
      '1 of 4 tests passed and failed with the same sources: 25.00 % (bar: below 1 %)',
      '',
      'Flaky:',
      '- a.test.ts > races',
      '',
      'Failed each time:',
      '- a.test.ts > broken',
      '',
    ].join('\n'),
  )
})

test('a run without a repeated test says nothing about flakiness', () => {
  expect(flakinessFigures({ sets: [{ tests: [result('once', 'passed', 1)] }] })).toMatchObject({
    measured: 0,
    percent: 0,
  })
})
