import type { JsonValue } from '@keploy-framework/match'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compareValues } from './compare-values.ts'

const anything = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>

function paths(expected: JsonValue, actual: JsonValue): string[] {
  return compareValues(expected, actual).map(({ path }) => path)
}

test('finds nothing between equal values and something between different ones', () => {
  fc.assert(
    fc.property(anything, anything, (a, b) => {
      expect(compareValues(a, structuredClone(a))).toEqual([])
      expect(compareValues(a, b).length === 0).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))
    }),
  )
})

/** Keys in one order; -0 as 0. */
function sorted(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item as JsonValue)] as const)
  return { entries: entries.sort(([a], [b]) => (a < b ? -1 : 1)) }
}

test('one element put into a list of different ones is one failure, wherever it stands', () => {
  const list = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(list, fc.nat(), (values, place) => {
      const items = values.map((id) => ({ id, name: `n${id}` }))
      const at = place % (items.length + 1)
      const more = items.toSpliced(at, 0, { id: 2 ** 40, name: 'new' })
      expect(paths({ items }, { items: more })).toEqual([`body.items[${at}]`])
      expect(paths({ items: more }, { items })).toEqual([`body.items[${at}]`])
    }),
  )
})

test('pairs changed elements with the recorded ones between elements that stayed', () => {
  const name = (text: string): JsonValue => ({ name: text, size: 1, tags: ['x'] })
  const recorded = [name('a'), name('b'), name('c'), name('d'), name('e')]
  const live = [name('a'), { name: 'b', size: 2, tags: ['x'] }, name('new'), name('c'), name('e')]
  expect(paths(recorded, live)).toEqual(['body[1].size', 'body[2]', 'body[3]'])
})

test('tells objects without an identity apart by what they share', () => {
  const row = (x: number, y: number, z: number): JsonValue => ({ x, y, z })
  expect(
    paths([row(1, 1, 1), row(2, 2, 2), row(3, 3, 3)], [row(1, 1, 1), row(2, 2, 9), row(7, 8, 9), row(3, 3, 3)]),
  ).toEqual(['body[1].z', 'body[2]'])
})

test('keeps to positions in a gap too large for pairing', () => {
  const make = (from: number, count: number): JsonValue =>
    Array.from({ length: count }, (_, index) => ({ id: from + index }))
  expect(compareValues(make(0, 80), make(1000, 81), { maxFailures: 1000 })).toHaveLength(81)
})

test('shows large values cut', () => {
  const [failure] = compareValues({ a: 1 }, { a: { deep: { deeper: { deepest: { end: 1 } } }, text: 'x'.repeat(500) } })
  expect(failure?.message.length).toBeLessThan(250)
  const [list] = compareValues([], [Array.from({ length: 1000 }, (_, index) => index)])
  expect(list?.message).toMatch(/…\.$/)
})

test('says of values nested too deeply that it can not compare them', () => {
  const deep = (level: number): JsonValue => (level === 0 ? 1 : [deep(level - 1)])
  expect(compareValues(deep(2000), deep(2000))[0]?.message).toBe('The values are nested too deeply to be compared.')
})
