import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../../test/make-test.ts'
import { BindingPlanner } from './binding-planner.ts'
import { tokenize } from './tokens.ts'
import { WordHashes, firstRunHash, mayHoldWord } from './word-hashes.ts'

const piece = fc.oneof(
  fc.constantFrom('-', '_', ' ', '/', '.', ':', 'é', 'Mon, 02 Nov 2026 10:00:00 GMT', 'eyJh.eyJz.abc', 'user', '7'),
  fc.constantFrom('2026-11-02', '2026-11-02T10:00:00.123Z', '2026-11-02 10:00:00+01:00', 'T', 'x'),
  fc.uuid(),
)
const texts = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))

describe('the hashes of a text', () => {
  test('tell every word that it holds, and the text itself', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const noted = new WordHashes()
        noted.add(text)
        const hashes = noted.take()
        if (hashes === undefined) return
        for (const word of [text, ...tokenize(text).words]) expect(hashes).toContain(firstRunHash(word))
      }),
      { numRuns: 2000 },
    )
  })

  test('are open only where words are glued together', () => {
    const open = (text: string): boolean => {
      const noted = new WordHashes()
      noted.add(text)
      return noted.take() === undefined
    }
    const id = '0b9f6c0e-6a4e-4b1c-9f6e-1d2c3b4a5f60'
    expect([id, `/users/${id}`, 'a'.repeat(80), 'Mon, 02 Nov 2026 10:00:00 GMT'].map(open)).toEqual(
      Array.from({ length: 4 }, () => false),
    )
    expect([`user-${id}`, 'Mon, 02 Nov 2026 10:00:00 GMT-x'].map(open)).toEqual([true, true])
  })

  test('grow with the texts and start anew', () => {
    const noted = new WordHashes()
    for (let index = 0; index < 1000; index++) noted.add(`word${index}`)
    expect(noted.take()).toHaveLength(1000)
    noted.add('')
    expect(noted.take()).toHaveLength(1)
  })
})

test('a text in which no long word may stand has none', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const long = tokenize(text).words.some((word) => word.length >= 8)
      expect(long && !mayHoldWord(text, 8)).toBe(false)
    }),
  )
  expect(mayHoldWord('Item 3 of 17', 8)).toBe(false)
})

test('only tests whose answers hold planned values are looked at again', () => {
  const planner = new BindingPlanner()
  const created = makeTest({ name: 'create', method: 'POST', url: 'http://h/users', responseBody: { id: 'user-77x' } })
  planner.add(makeTest({ name: 'early', url: 'http://h/log', responseBody: { text: 'made user-77x today' } }))
  planner.add(makeTest({ name: 'other', url: 'http://h/health', responseBody: { ok: 'v1 99' } }))
  planner.add(created)
  planner.add(makeTest({ name: 'get', url: 'http://h/users/user-77x', responseBody: { name: 'Ann' } }))
  expect(planner.unresolved()).toEqual([0, 2])
  planner.resolve(2, created)
  expect(planner.plan().tests.get('create')?.occurrences).toMatchObject([{ text: 'user-77x', where: 'body.id' }])
})
