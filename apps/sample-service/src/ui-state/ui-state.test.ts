import fc from 'fast-check'
import { expect, test } from 'vitest'

import { placeUpdate, stateOfUpdate, uiStateUpdateSchema } from './ui-state-update.ts'
import { changedAt, emptyUiState, mergeUiStates, valuesOf, type UiState } from './ui-state.ts'

const update = (at: number, state: Record<string, string | null>) => stateOfUpdate({ mode: 'update', state }, at)
const full = (at: number, state: Record<string, string | null>) => stateOfUpdate({ mode: 'full', state }, at)
const all = (...states: UiState[]) => states.reduce(mergeUiStates, emptyUiState)

test('UI state: the newer value of each field counts, in whatever order updates arrive', () => {
  const early = update(1, { page_type: 'clients', theme: 'dark' })
  const late = update(2, { page_type: 'documents' })
  for (const merged of [all(early, late), all(late, early)]) {
    expect(valuesOf(merged)).toEqual({ page_type: 'documents', theme: 'dark' })
    expect(changedAt(merged)).toBe(2)
  }
})

test('UI state: a full update replaces what is older, and not what is newer', () => {
  const updates = [update(1, { a: '1', b: '1' }), full(2, { b: '2' }), update(3, { c: '3' })]
  for (const merged of [all(...updates), all(...updates.toReversed())]) {
    expect(valuesOf(merged)).toEqual({ b: '2', c: '3' })
  }
})

test('UI state: null takes a field away, also when an older value comes later', () => {
  expect(valuesOf(all(update(2, { a: null }), update(1, { a: 'x' })))).toEqual({})
})

test('UI state: copies that were apart become the same, whoever merges what, and how often', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const value = fc.constantFrom('x', 'y', 'ü', '🎲', '', null)
  const change = fc
    .tuple(fc.boolean(), fc.integer({ min: 1, max: 4 }), fc.dictionary(name, value))
    .map(([isFull, at, state]) => (isFull ? full : update)(at, state))
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), fc.infiniteStream(fc.nat()), (changes, random) => {
      const shuffled = changes
        .map((entry) => ({ entry, place: random.next().value as number }))
        .toSorted((one, other) => one.place - other.place)
        .map(({ entry }) => entry)
      const merged = all(...changes)
      expect(all(...shuffled)).toEqual(merged)
      expect(mergeUiStates(merged, merged)).toEqual(merged)
      const half = Math.floor(changes.length / 2)
      expect(mergeUiStates(all(...changes.slice(half)), all(...changes.slice(0, half)))).toEqual(merged)
    }),
  )
})

const HOUR = 3_600_000
const NOW = 100 * HOUR

test.each([
  ['tells nothing', {}, NOW],
  ['has the same clock', { timestamp: NOW - 5 }, NOW - 5],
  ['is an hour ahead, and does not say so', { timestamp: NOW + HOUR }, NOW],
  ['is an hour ahead, and says when it sent', { timestamp: NOW + HOUR - 70, sent_at: NOW + HOUR }, NOW - 70],
  ['is an hour behind, and says when it sent', { timestamp: NOW - HOUR - 70, sent_at: NOW - HOUR }, NOW - 70],
  ['sent before it changed', { timestamp: NOW + 70, sent_at: NOW }, NOW],
  ['tells only when it sent', { sent_at: NOW - HOUR }, NOW],
  ['is of another time', { timestamp: 0 }, 0],
])('UI state, clock skew: a client that %s', (_name, told, at) => {
  expect(placeUpdate(told, undefined, NOW).at).toBe(at)
})

test('UI state: updates of one connection keep the order of its own clock, however wrong that is', () => {
  let newest: Parameters<typeof placeUpdate>[1]
  const place = (timestamp: number | undefined, now: number) => {
    const placed = placeUpdate({ timestamp }, newest, now)
    newest = placed.newest
    return placed.at
  }
  const ahead = NOW + HOUR
  const first = place(ahead, NOW)
  const sameMillisecond = place(ahead, NOW)
  const third = place(ahead, NOW)
  expect([first, sameMillisecond, third]).toEqual([NOW, NOW + 1, NOW + 2])
  expect(place(ahead - 1, NOW + 500)).toBeLessThan(third)
  expect(place(ahead + 1, NOW + 500)).toBe(NOW + 500)
  expect(place(undefined, NOW + 500)).toBe(NOW + 501)
})

test.each([
  [{ mode: 'all', state: {} }],
  [{ mode: 'full' }],
  [{ mode: 'full', state: [] }],
  [{ mode: 'full', state: { 'a b': 1 } }],
  [{ mode: 'full', state: {}, timestamp: -1 }],
  [{ mode: 'full', state: {}, timestamp: 1.5 }],
  [{ mode: 'full', state: {}, timestamp: '2026-01-01' }],
  [{ mode: 'full', state: {}, sent_at: 1e300 }],
])('UI state: %j is no update', (value) => {
  expect(uiStateUpdateSchema.safeParse(value).success).toBe(false)
})

test('UI state: names that objects have by themselves are fields like others, or none', () => {
  const read = uiStateUpdateSchema.parse(
    JSON.parse('{"mode":"full","state":{"constructor":1,"toString":2,"__proto__":{"page_type":"clients"}}}'),
  )
  const state = stateOfUpdate(read, 1)
  expect(valuesOf(mergeUiStates(emptyUiState, state))).toEqual({ constructor: 1, toString: 2 })
  expect(valuesOf(mergeUiStates(state, state))['page_type']).toBeUndefined()
})
