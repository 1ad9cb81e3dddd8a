import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { PlainScalar } from '../yaml/values.ts'
import { emitJson } from './emit.ts'
import { findInJson, parseJsonExact } from './parse.ts'
import { setScalarInJson } from './set-scalar.ts'

// Hundreds of random cases; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

describe('reading JSON', () => {
  it('reads what JSON.parse reads, and writes it back', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { value } = parseJsonExact(text) as { value: unknown }
        expect(JSON.parse(emitJson(value))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => text.slice(0, -1)),
          fc.json().map((text) => `${text},`),
        ),
        (text) => {
          const valid = (() => {
            try {
              JSON.parse(text)
              return true
            } catch {
              return false
            }
          })()
          expect('value' in parseJsonExact(text)).toBe(valid)
        },
      ),
    )
  })

  it('keeps numbers exact and odd keys as data', () => {
    expect(parseJsonExact('{"__proto__": 9007199254740993, "a": 1.10, "b": 1e400}')).toEqual({
      value: Object.fromEntries([
        ['__proto__', 9007199254740993n],
        ['a', new PlainScalar('1.10', 1.1)],
        ['b', new PlainScalar('1e400', Infinity)],
      ]),
    })
    expect(emitJson({ a: new PlainScalar('1.10', 1.1), b: 2n ** 70n, c: new Uint8Array([1]), d: undefined })).toBe(
      '{"a":1.10,"b":1180591620717411303424,"c":"AQ==","d":null}',
    )
  })

  it('says where it is malformed', () => {
    expect(parseJsonExact('{\n  "a": 01}', { file: 'a.json', line: 5 })).toMatchObject({
      issue: { code: 'KEPLOY_FORMAT_JSON', file: 'a.json', line: 6, column: 9 },
    })
    expect(parseJsonExact('['.repeat(1000))).toMatchObject({ issue: { message: /nested deeper/ } })
  })

  it('changes one value and no other character', () => {
    const text = '{ "a": [1, {"b.c" : "x"}],\n  "d": null }'
    expect(setScalarInJson(text, ['a', 1, 'b.c'], 'y"')).toBe('{ "a": [1, {"b.c" : "y\\""}],\n  "d": null }')
    expect(setScalarInJson(text, ['d'], 5n)).toBe('{ "a": [1, {"b.c" : "x"}],\n  "d": 5 }')
    expect(() => setScalarInJson(text, ['a'], 1)).toThrow(/no scalar at a/)
    expect(findInJson(text, ['e'])).toBeUndefined()
  })
})
