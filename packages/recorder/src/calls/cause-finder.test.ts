import { describe, expect, it } from 'vitest'

import { CauseFinder } from './cause-finder.ts'

const nowhere = () => undefined

describe('what caused a call', () => {
  it('is the only request under way, or one of several', () => {
    const causes = new CauseFinder()
    expect(causes.find(undefined, 5, nowhere)).toBeUndefined()
    causes.opened(7, 1, 10)
    expect(causes.find(undefined, 15, nowhere)).toEqual({ exchange: 7, certainty: 'certain' })
    causes.opened(8, 2, 20)
    expect(causes.find(undefined, 25, nowhere)).toEqual({ exchange: 7, certainty: 'ambiguous', among: [7, 8] })
    causes.closed(7, 30)
    expect(causes.find(undefined, 35, nowhere)).toEqual({ exchange: 8, certainty: 'certain' })
  })

  it('is known where the code was followed: by the port of the connection and the number of the request on it', () => {
    const causes = new CauseFinder()
    for (let id = 1; id <= 100; id++) causes.opened(id, id % 2, id)
    const at = (port: number) => (port === 4000 ? 1 : undefined)
    // Connection 1 has the odd ids; its 50th request is the last one.
    expect(causes.find({ clientPort: 4000, ordinal: 49 }, 300, at)).toEqual({ exchange: 99, certainty: 'known' })
    expect(causes.find({ clientPort: 4001, ordinal: 0 }, 300, at)).toMatchObject({ certainty: 'ambiguous' })
  })

  it('is no request where the code was followed to work that the service does by itself', () => {
    const causes = new CauseFinder()
    causes.opened(7, 1, 10)
    expect(causes.find({ clientPort: 0, ordinal: 0 }, 15, () => 1)).toBeUndefined()
  })

  it('forgets connections that nothing came over for long, and no others', () => {
    const causes = new CauseFinder()
    causes.opened(1, 1, 0)
    for (let connection = 2; connection <= 3000; connection++) {
      causes.opened(connection * 2, connection, 0)
      causes.opened(connection * 2 + 1, 1, 0)
    }
    const find = (connection: number, ordinal: number) =>
      causes.find({ clientPort: 1, ordinal }, 0, () => connection)?.certainty
    expect(find(2, 0)).toBe('ambiguous')
    expect(find(3000, 0)).toBe('known')
    expect(find(1, 2999)).toBe('known')
  })

  it('remembers the last requests of a connection only', () => {
    const causes = new CauseFinder()
    for (let id = 0; id < 200; id++) {
      causes.opened(id, 1, id)
      causes.closed(id, id)
    }
    const at = () => 1
    expect(causes.find({ clientPort: 1, ordinal: 199 }, 300, at)).toEqual({ exchange: 199, certainty: 'known' })
    expect(causes.find({ clientPort: 1, ordinal: 0 }, 300, at)).toBeUndefined()
  })

  it('goes by the time of the call where it is told of later', () => {
    const causes = new CauseFinder()
    causes.opened(1, 1, 100)
    causes.closed(1, 110)
    causes.opened(2, 1, 112)
    expect(causes.find(undefined, 105, nowhere)).toEqual({ exchange: 1, certainty: 'certain' })
    expect(causes.find(undefined, 113, nowhere)).toEqual({ exchange: 2, certainty: 'certain' })
    causes.closed(2, 120)
    expect(causes.find(undefined, 130, nowhere)).toBeUndefined()
  })
})
