import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ExactNumber, canonicalDecimal } from './exact-number.ts'
import { jsonParseExact } from './parse-exact.ts'
import type { JsonValue } from './parse-exact.ts'

function parse(text: string): JsonValue {
  const result = jsonParseExact(text)
  if (!result.ok) throw new Error(result.message)
  return result.value
}

/** Forces the parser of our own: a long number that a double holds exactly changes nothing else. */
const LONG = '1000000000000000000000'

describe('jsonParseExact', () => {
  test('keeps numbers that a double would change', () => {
    expect(parse('{"id":9007199254740993}')).toEqual({ id: new ExactNumber('9007199254740993') })
    expect(parse('[0.1234567890123456789, 1e400]')).toEqual([
      new ExactNumber('0.1234567890123456789'),
      new ExactNumber('1e400'),
    ])
    expect(parse('[1234567890.12345678]')).toEqual([new ExactNumber('1234567890.12345678')])
  })

  test('gives plain numbers where nothing is lost', () => {
    expect(parse(`[1, -2.5, 1e3, 9007199254740992, ${LONG}]`)).toEqual([1, -2.5, 1000, 9007199254740992, 1e21])
  })

  test('agrees with JSON.parse on any document', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const [value, flag] = parse(`[${text},${LONG}]`) as [JsonValue, JsonValue]
        expect(flag).toBe(1e21)
        expect(
          JSON.stringify(value, (_, item: unknown) => (item instanceof ExactNumber ? Number(item.text) : item)),
        ).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    '[1 2]',
    '01',
    '"a',
    '"\\x"',
    'nul',
    '{a:1}',
    '[1]]',
    '\u00a01',
    '-',
    '"\n"',
  ])('refuses %j as JSON.parse does, and says where', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    const result = jsonParseExact(text)
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/./) as string })
  })

  test('refuses what is broken behind a long number too', () => {
    expect(jsonParseExact(`[${LONG}, }`)).toEqual({ ok: false, message: 'unexpected "}"', offset: 25 })
  })

  test('takes __proto__ for a key like any other', () => {
    for (const text of ['{"__proto__":{"a":1}}', `{"__proto__":{"a":1},"b":${LONG}}`]) {
      const value = parse(text) as Record<string, JsonValue>
      expect(Object.hasOwn(value, '__proto__')).toBe(true)
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect((value as { a?: unknown }).a).toBeUndefined()
    }
  })

  test('takes 10,000 levels of nesting, and refuses more', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${LONG}${']'.repeat(depth)}`
    expect(jsonParseExact(nested(10_000)).ok).toBe(true)
    expect(jsonParseExact(nested(10_001))).toMatchObject({ ok: false, offset: 10_000 })
  })

  test('skips a byte order mark', () => {
    expect(parse('\uFEFF{"a":1}')).toEqual({ a: 1 })
  })
})

describe('ExactNumber', () => {
  test('is equal to numbers of the same value however they are written', () => {
    expect(new ExactNumber('1.50').equals(new ExactNumber('15e-1'))).toBe(true)
    expect(new ExactNumber('9007199254740993').equals(9007199254740992)).toBe(false)
    expect(new ExactNumber('-0').equals(0)).toBe(true)
    expect(new ExactNumber('100').equals(1e2)).toBe(true)
    expect(String(new ExactNumber('1.0'))).toBe('1.0')
    expect(JSON.stringify(new ExactNumber('12'))).toBe('"12"')
  })

  test('says equal for numbers that a double holds exactly as the double does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 5 }), (value, zeros) => {
        expect(canonicalDecimal(`${value}.${'0'.repeat(zeros)}0`)).toBe(canonicalDecimal(String(value)))
        expect(canonicalDecimal(`${value}e0`)).not.toBe(
          canonicalDecimal(`${value}e1`) === '0' ? '1' : canonicalDecimal(`${value + 1}`),
        )
      }),
    )
  })

  test('leaves what is no number as it is', () => {
    expect(canonicalDecimal('NaN')).toBe('NaN')
  })
})
