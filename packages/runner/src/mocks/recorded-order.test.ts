import { describe, expect, it } from 'vitest'

import { comparePlaces, placesOfFile } from './recorded-order.ts'

function ordered(documents: readonly (readonly [name: string, requestAt: number])[]): string[] {
  const placeOf = placesOfFile(0)
  return documents
    .map(([name, requestAt]) => ({ name, place: placeOf({ name, requestAt }) }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ name }) => name)
}

describe('the order of recorded documents', () => {
  it('is that of their times, of the numbers in their names where these are equal, and of the names', () => {
    const documents = [
      ['mock-2', 5],
      ['mock-10', 5],
      ['b', 7],
      ['a', 7],
      ['mock-11', 3],
      ['mock-9-z', 5],
    ] as const
    const expected = ['mock-11', 'mock-2', 'mock-9-z', 'mock-10', 'a', 'b']
    expect(ordered(documents)).toEqual(expected)
    expect(ordered(documents.toReversed())).toEqual(expected)
  })

  it('leaves documents without a time behind the one before them', () => {
    const documents = [
      ['first', 0],
      ['late', 9],
      ['of-late-2', 0],
      ['of-late-1', 0],
      ['early', 4],
      ['of-early', 0],
    ] as const
    expect(ordered(documents)).toEqual(['first', 'early', 'of-early', 'late', 'of-late-2', 'of-late-1'])
  })
})
