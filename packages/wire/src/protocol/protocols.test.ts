import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { oneLine } from './one-line.ts'
import { protocols } from './protocols.ts'

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a\nb\u001b[31m\u0007', '\r\npassed', 'x'.repeat(5000), '\u202eabc', '__proto__', '\u0085\u2028'),
)
const names =
  'sql params command args method target host path headers body api topic key value messages user database db commands batch'
const fields = fc.constantFrom(...names.split(' '), '__proto__')
const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    hostile,
    fc.constantFrom(null, true, 0, -1, 1e300),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(hostile, fields), tie('tree'), { maxKeys: 5 }),
  ),
}))

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))(
  '%s, given any tree',
  (_name, protocol) => {
    it('says it in one line, compares it and writes it, so that it can be read again', () => {
      fc.assert(
        fc.property(tree, (value) => {
          const text = protocol.describe(value)
          expect(text.length).toBeLessThanOrEqual(200)
          // oxlint-disable-next-line no-control-regex -- none of them may be there
          expect(text).not.toMatch(/[\u0000-\u001f\u007f]/)
          protocol.match.key(value)
          protocol.match.idle?.(value)
          const call = {
            protocol: protocol.name,
            operation: 'x',
            request: value,
            response: value,
            lifetime: 'test',
          } as const
          expect(protocol.mocks.decode({ ...protocol.mocks.encode(call), lifetime: 'test' })).toHaveProperty('calls')
        }),
        { numRuns: 300 },
      )
    })
  },
)

describe('one line', () => {
  it('holds no control, and is cut', () => {
    expect(oneLine('a\r\nb\t\u001b[31m\u202ec')).toBe('a b \\u001b[31m\\u202ec')
    expect(oneLine('x'.repeat(1e6))).toBe(`${'x'.repeat(199)}…`)
    expect(oneLine(`${' '.repeat(1e6)}x`, 9).length).toBeLessThanOrEqual(9)
  })
})
