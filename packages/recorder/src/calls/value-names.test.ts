import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sqlValues } from './value-names.ts'

describe('the values of a statement', () => {
  it('are pieces that are the statement again, whatever it is', () => {
    const word = fc.constantFrom("'", '"', '$$', '$a$', '--', '/*', '*/', '\n', '?', '$1', '12345', 'a = ', 'into t (')
    const text = fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }).map((words) => words.join(''))
    fc.assert(
      fc.property(text, (sql) => {
        const { pieces, literals } = sqlValues(sql)
        expect(pieces.join('')).toBe(sql)
        expect(literals).toHaveLength((pieces.length - 1) / 2)
      }),
      { numRuns: 500 },
    )
  })

  it('take time in proportion to their length', { timeout: 60_000 }, () => {
    for (const piece of ["'", '"', '$$', '/*', '--', 'a=', '(', 'into t (', "''", '$a$b', 'a.', '?,']) {
      const start = performance.now()
      sqlValues(piece.repeat(200_000))
      expect(performance.now() - start, piece).toBeLessThan(5000)
    }
  })
})
