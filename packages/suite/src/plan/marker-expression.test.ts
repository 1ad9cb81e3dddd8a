import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SuiteError } from '../errors.ts'
import { parseMarkers } from './marker-expression.ts'

it.each([
  ['redis', ['redis'], true],
  ['redis or neo4j', ['neo4j'], true],
  ['redis and neo4j', ['neo4j'], false],
  ['not slow', [], true],
  ['not slow and redis', ['redis', 'slow'], false],
  ['a or b and c', ['a'], true],
  ['(a or b) and c', ['a'], false],
  ['not (a or b)', ['c'], true],
  ['not not a', ['a'], true],
])('%s of %j is %s', (expression, markers, verdict) => {
  expect(parseMarkers(expression)(new Set(markers))).toBe(verdict)
})

it.each(['', 'and', 'a b', '(a', 'a)', 'a or', 'not', 'a & b', '('.repeat(10_000), 'not '.repeat(10_000)])(
  'says what is wrong with %j',
  (expression) => {
    expect(() => parseMarkers(expression)).toThrow(expect.objectContaining({ code: 'KEPLOY_RUN_MARKER' }) as Error)
  },
)

it('reads or refuses any text, and never fails otherwise', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'and', 'or', 'not', '(', ')', '%')), (words) => {
      expect([true, false, 'KEPLOY_RUN_MARKER']).toContain(verdictOf(words.join(' ')))
    }),
  )
})

function verdictOf(expression: string): unknown {
  try {
    return parseMarkers(expression)(new Set(['a']))
  } catch (error) {
    return error instanceof SuiteError ? error.code : error
  }
}
