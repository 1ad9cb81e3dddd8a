import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readText, root } from '../repository.ts'
import { checkRequirements, summarize } from './check-requirements.ts'
import { hasTitle, readTestTitles } from './test-titles.ts'

const source = `
  describe('a shop', () => {
    test('sells', () => {})
    it.skipIf(closed)('closes', { timeout: 1 }, () => {})
    test.each([['tea', 1]])('has %s for %d', () => {})
  })
  contract('not a title', () => {})
  for (const name of ['cup']) test(\`\${name}: \${title(name)} lasts\`, () => {})
  tester.run('a-rule', rule, {})
  test('left alone')
`
const table = (...rows: string[]) =>
  checkRequirements(rows.join('\n'), (file) => (file === 'a.ts' ? source : undefined))

test.each([
  ['sells', true],
  ['a shop', true],
  ['a shop > sells', true],
  ['closes', true],
  ['has %s for %d', true],
  ['has tea for 1', true],
  ['has tea for %d', true],
  ['has milk for 1', false],
  ['a shop > has tea for 1', true],
  ['b shop > sells', false],
  ['${name}: ${…} lasts', true],
  ['cup: ${…} lasts', true],
  ['a-rule', true],
  ['not a title', false],
  ['left alone', false],
  ['sell', false],
])('a title that is %s is found: %s', (title, found) => {
  expect(hasTitle(readTestTitles(source), title)).toBe(found)
})

test('a row with its tests is fine, in whatever form it is met', () => {
  const report = table(
    '| R1-01 | Sells. | `a.ts` › sells<br>`a.ts` › has tea for 1 | |',
    '| R1-02 | Closes. | `a.ts` › closes | partial: not on Sundays |',
    '## Not met',
    '| R1-03 | Flies. | A shop has no wings. |',
  )
  expect(report.problems).toEqual([])
  expect(summarize(report)).toBe('3 requirements, 3 tests: 0 embedded, 0 simulated, 1 partial, 0 otherwise, 1 not met')
})

test('a row is told that has no test, a test that is not there, an id of another, or no known form', () => {
  const { problems } = table(
    '| R1-01 | Sells. | | |',
    '| R1-01 | Sells. | `a.ts` › sell | perhaps |',
    '| R1-02 | Sells. | `b.ts` › sells | |',
    '| R1-03 | Sells. | a.ts sells | |',
    '| R1-4 | Sells. | `a.ts` › sells | |',
    '## Not met',
    '| R1-05 | Flies. | |',
  )
  expect(problems).toEqual([
    'line 4: R1-03 names no test by `file` › title: a.ts sells',
    'line 5: no row of id, claim, tests and form: | R1-4 | Sells. | `a.ts` › sells | |',
    'line 1: R1-01 has no test',
    'line 2: R1-01 stands twice',
    'line 2: R1-01 is met in a form that is none of embedded, simulated, partial, otherwise: perhaps',
    'line 2: R1-01 names no test of a.ts: sell',
    'line 3: R1-02 names a file that is not there: b.ts',
    'line 4: R1-03 has no test',
    'line 7: R1-05 does not say why it is not met',
  ])
})

test('docs/requirements.md: every requirement names tests that are there, or says why it is not met', async () => {
  const report = checkRequirements(await readText('docs/requirements.md'), (file) => {
    const path = join(root, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  })
  expect(report.problems).toEqual([])
  expect(report.rows.length).toBeGreaterThan(300)
})
