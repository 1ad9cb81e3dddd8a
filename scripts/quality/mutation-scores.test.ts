import { expect, test } from 'vitest'

import { mutationScores, scoreTable } from './mutation-scores.ts'

const mutants = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) })

const report = {
  files: {
    'packages/x/src/a.ts': mutants('Killed', 'Timeout', 'Killed', 'Survived', 'Ignored'),
    'packages/x/src/b.ts': mutants('NoCoverage', 'Killed', 'CompileError'),
    'packages/x/src/c.ts': mutants('Killed'),
    'packages/y/src/d.ts': mutants('Survived'),
  },
}

test('the score is the share of killed mutants among those that were tried, with what no test runs counted against it', () => {
  const { total } = mutationScores(report, 'packages/x/src/')
  expect(total).toEqual({ killed: 5, survived: 1, uncovered: 1, ignored: 1, percent: (5 / 7) * 100 })
})

test('the table has the files in which mutants are left, the worst one first', () => {
  expect(scoreTable('x', mutationScores(report, 'packages/x/src/'))).toBe(
    [
      '| x | score | killed | survived | not covered | not tried |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
      '| **all** | 71.4 % | 5 | 1 | 1 | 1 |',
      '| packages/x/src/b.ts | 50.0 % | 1 | 0 | 1 | 0 |',
      '| packages/x/src/a.ts | 75.0 % | 3 | 1 | 0 | 1 |',
      '',
    ].join('\n'),
  )
})

test('a folder without mutants has nothing to answer for', () => {
  expect(mutationScores(report, 'packages/z/').total.percent).toBe(100)
})
