import { expect, test } from 'vitest'

import { coverageRows, coverageTable } from './coverage-table.ts'

const hits = new Map([
  [
    'packages/x/src/a.ts',
    new Map([
      [1, 3],
      [2, 0],
      [3, 1],
      [4, 1],
    ]),
  ],
  ['packages/x/src/deep/b.ts', new Map([[1, 1]])],
  ['packages/y/src/c.ts', new Map([[1, 0]])],
])

test('lines are counted per group, whatever the folder below it', () => {
  const rows = coverageRows(hits, [
    { glob: 'packages/x/src/**', bar: 85 },
    { glob: 'packages/y/src/c.ts', bar: 95 },
    { glob: 'packages/z/src/**', bar: 85 },
  ])
  expect(rows).toEqual([
    { name: 'packages/x/src', bar: 85, lines: 5, covered: 4, percent: 80 },
    { name: 'packages/y/src/c.ts', bar: 95, lines: 1, covered: 0, percent: 0 },
    { name: 'packages/z/src', bar: 85, lines: 0, covered: 0, percent: 100 },
  ])
  expect(coverageTable(rows)).toBe(
    [
      '| files | covered | bar | lines |',
      '| --- | ---: | ---: | ---: |',
      '| `packages/x/src` | 80.0 % **below** | 85 % | 4 of 5 |',
      '| `packages/y/src/c.ts` | 0.0 % **below** | 95 % | 0 of 1 |',
      '| `packages/z/src` | 100.0 % | 85 % | 0 of 0 |',
      '',
    ].join('\n'),
  )
})
