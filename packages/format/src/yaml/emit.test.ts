import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'

import { randomDocument, randomScalar } from '../../test/random-yaml.ts'
import { emitYaml, RawText } from './emit.ts'
import { loadYaml } from './load.ts'
import { PlainScalar, TaggedValue } from './values.ts'

const tree = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    randomScalar,
    fc.uint8Array({ maxLength: 200 }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 8 }).filter((key) => key.isWellFormed()),
        fc.constantFrom('a: b', '', '200', '-', '<<', '__proto__', 'x'.repeat(200)),
      ),
      tie('tree'),
      { maxKeys: 4 },
    ),
    fc.string({ maxLength: 5 }).map((value) => new TaggedValue('!pg/numeric', value)),
    fc.dictionary(fc.constantFrom('int', 'exp'), fc.integer()).map((value) => new TaggedValue('!pg/numeric', value)),
  ),
})).tree

// Hundreds of random cases; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

describe('writing YAML', () => {
  it('writes every value so that it reads back the same, at any indentation and with both line ends', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(2, 4), fc.constantFrom('\n', '\r\n'), (value, indent, newline) => {
        const text = emitYaml({ value }, { indent, newline })
        expect(loadYaml(text)).toEqual({ value: { value } })
      }),
      { numRuns: 300 },
    )
  })

  it('writes the model of every document so that it reads back the same', () => {
    fc.assert(
      fc.property(randomDocument, (text) => {
        const loaded = loadYaml(text)
        if ('issue' in loaded) throw new Error(loaded.issue.message)
        expect(loadYaml(emitYaml(loaded.value))).toEqual(loaded)
      }),
      { numRuns: 200 },
    )
  })

  it('writes strings so that YAML 1.1 readers take them for strings as well', () => {
    fc.assert(
      fc.property(
        randomScalar.filter((value) => typeof value === 'string'),
        (value) => {
          expect(parse(emitYaml([value]), { version: '1.1' })).toEqual([value])
        },
      ),
    )
  })

  it('lays documents out as Go does', () => {
    const value = {
      accept: '*/*',
      length: '33',
      empty: {},
      none: [],
      body: 'one\ntwo\n',
      nested: [{ a: 1, b: ['x'] }, ['y']],
      ts: new RawText('2026-07-17T09:10:53Z'),
      text: '2026-07-17',
      version: new PlainScalar('1.10', 1.1),
      bytes: new Uint8Array([255]),
      yes: 'yes',
    }
    expect(emitYaml(value)).toBe(`accept: '*/*'
length: "33"
empty: {}
none: []
body: |
  one
  two
nested:
  - a: 1
    b:
      - x
  - - "y"
ts: 2026-07-17T09:10:53Z
text: "2026-07-17"
version: 1.10
bytes: !!binary /w==
"yes": "yes"
`)
  })

  it('refuses what YAML has no place for', () => {
    expect(() => emitYaml({ a: () => 1 })).toThrow(TypeError)
    expect(emitYaml([Number.NaN, Infinity, -Infinity, -0])).toBe('- .nan\n- .inf\n- -.inf\n- -0\n')
  })
})
