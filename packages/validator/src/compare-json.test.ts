import type { JsonValue } from '@keploy-framework/match'
import { ExactNumber } from '@keploy-framework/match'
import { describe, expect, test } from 'vitest'

import type { CompareOptions } from './compare-response.ts'
import { compareValues } from './compare-values.ts'

const paths = (expected: JsonValue, actual: JsonValue, options: CompareOptions = {}): string[] =>
  compareValues(expected, actual, options).map(({ path }) => path)

function nested(levels: number, leaf: JsonValue, wrap: (value: JsonValue) => JsonValue): JsonValue {
  let value = leaf
  for (let level = 0; level < levels; level++) value = wrap(value)
  return value
}

describe('values of another type', () => {
  test.each<[JsonValue, JsonValue]>([
    [{ a: 1 }, null],
    [{ a: 1 }, 'text'],
    [{ a: 1 }, [1]],
    [{ a: 1 }, new ExactNumber('1.10')],
    [[1], { 0: 1 }],
    [[1], null],
    [1, '1'],
    ['1', 1],
    [1, true],
    [null, {}],
    [null, 0],
    [true, 'true'],
    [false, null],
  ])('%j is not %j, in one failure', (expected, actual) => {
    expect(paths({ x: expected }, { x: actual })).toEqual(['body.x'])
    expect(paths({ x: expected }, { x: expected })).toEqual([])
  })
})

describe('a document that is nested deeply', () => {
  const kinds: [string, (value: JsonValue) => JsonValue][] = [
    ['objects', (value) => ({ a: value })],
    ['arrays', (value) => [value]],
  ]

  test.each(kinds)('of %s is compared down to 801 levels, and not at all below', (_name, wrap) => {
    expect(paths(nested(801, 1, wrap), nested(801, 1, wrap))).toEqual([])
    expect(paths(nested(801, 1, wrap), nested(801, 2, wrap))).toHaveLength(1)
    const tooDeep = compareValues(
      { first: 1, second: nested(802, 1, wrap) },
      { first: 2, second: nested(802, 2, wrap) },
    )
    // What was found before counts for nothing: the document is compared as text then.
    expect(tooDeep).toMatchObject([
      { kind: 'body', path: 'body', message: 'The values are nested too deeply to be compared.' },
    ])
  })
})

describe('where the order does not count', () => {
  const options = { ignoreOrdering: true }

  test('that of keys does not, either', () => {
    const recorded = [
      { a: 1, b: { c: 2, d: 3 } },
      { a: 4, b: { c: 5, d: 6 } },
    ]
    const live = [
      { b: { d: 6, c: 5 }, a: 4 },
      { b: { d: 3, c: 2 }, a: 1 },
    ]
    expect(paths(recorded, live, options)).toEqual([])
  })

  test('it counts in no array of an array either', () => {
    const recorded = [{ tags: ['a', 'b'] }, { tags: ['c', 'd'] }]
    expect(paths(recorded, [{ tags: ['d', 'c'] }, { tags: ['b', 'a'] }], options)).toEqual([])
    expect(paths(recorded, [{ tags: ['d', 'c'] }, { tags: ['b', 'a'] }])).not.toEqual([])
    const deep = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]
    expect(
      paths(
        deep,
        [
          [
            [8, 7],
            [6, 5],
          ],
          [
            [4, 3],
            [2, 1],
          ],
        ],
        options,
      ),
    ).toEqual([])
  })

  test('an element stands for one other only', () => {
    expect(paths([1, 1, 2], [1, 2, 2], options)).toHaveLength(1)
    expect(paths([[1, 1, 2]], [[1, 2, 2]], options)).toHaveLength(1)
    const pairs = [{ tags: ['a', 'a', 'b'] }, { tags: ['c'] }]
    expect(paths(pairs, [{ tags: ['c'] }, { tags: ['a', 'b', 'b'] }], options)).not.toEqual([])
    expect(paths(pairs, [{ tags: ['c'] }, { tags: ['b', 'a', 'a'] }], options)).toEqual([])
  })

  test('lists of ids that look alike are told apart, and one id stands for one other only', () => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((n) => `0b6f4ce5-2d0e-4f2b-9c3e-3a9d3e0b7c1${n}`) as [
      string,
      string,
      string,
      string,
      string,
    ]
    const recorded = [{ ids: [a, b] }, { ids: [c, d] }]
    expect(paths(recorded, [{ ids: [d, c] }, { ids: [b, a] }], options)).toEqual([])
    expect(paths(recorded, [{ ids: [d, c] }, { ids: [b, e] }], options)).toHaveLength(1)
    const twice = [{ ids: [a, a] }, { ids: [b, c] }]
    expect(paths(twice, [{ ids: [c, b] }, { ids: [a, a] }], options)).toEqual([])
    expect(paths(twice, [{ ids: [c, b] }, { ids: [a, d] }], options)).toHaveLength(1)
    expect(paths(twice, [{ ids: [c, b] }, { ids: [d, a] }], options)).toHaveLength(1)
  })

  test('an element that changed, one that is new and one that is gone are one failure each', () => {
    expect(paths([3, 1, 2], [2, 3, 9], options)).toHaveLength(1)
    expect(paths([3, 1, 2], [2, 3, 1, 9], options)).toHaveLength(1)
    expect(paths([3, 1, 2], [2, 3], options)).toHaveLength(1)
    expect(paths([[2, 1], [3]], [[3], [1, 2], [4]], options)).toHaveLength(1)
  })
})

test('keys that every object has are compared like others', () => {
  const own = (text: string): JsonValue => JSON.parse(text) as JsonValue
  expect(paths(own('{"toString":1}'), {})).toEqual(['body.toString'])
  expect(paths({}, own('{"constructor":1}'))).toEqual(['body.constructor'])
  expect(paths(own('{"__proto__":1}'), own('{"__proto__":2}'))).toHaveLength(1)
})

test('a list that grew inside of an element does not hide which element it is', () => {
  const recorded = [
    { x: 1, tags: [1] },
    { x: 2, tags: [1], y: 5 },
    { x: 3, tags: [3] },
  ]
  const live = [
    { x: 1, tags: [1] },
    { x: 2, tags: [1, 2], y: 5 },
    { x: 7, tags: [7, 7], y: 9 },
    { x: 3, tags: [3] },
  ]
  expect(paths(recorded, live)).toEqual(['body[1].tags[1]', 'body[2]'])
})
