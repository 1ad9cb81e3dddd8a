import { describe, expect, it } from 'vitest'

import { CauseFinder } from './cause-finder.ts'

const nowhere = () => undefined

describe('what caused a call', () => {
  it('is the only request under way, or one of several', () => {
    const causes = new CauseFinder()
    expect(causes.find(undefined, nowhere)).toBeUndefined()
    causes.opened(7, 1)
    expect(causes.find(undefined, nowhere)).toEqual({ exchange: 7, certainty: 'certain' })
    causes.opened(8, 2)
    expect(causes.find(undefined, nowhere)).toEqual({ exchange: 7, certainty: 'ambiguous', among: [7, 8] })
    causes.closed(7)
    expect(causes.find(undefined, nowhere)).toEqual({ exchange: 8, certainty: 'certain' })
  })

  it('is known where the code was followed: by the port of the connection and the number of the request on it', () => {
    const causes = new CauseFinder()
    for (let id = 1; id <= 100; id++) causes.opened(id, id % 2)
    const at = (port: number) => (port === 4000 ? 1 : undefined)
    // Connection 1 has the odd ids; its 50th request is the last one.
    expect(causes.find({ clientPort: 4000, ordinal: 49 }, at)).toEqual({ exchange: 99, certainty: 'known' })
    expect(causes.find({ clientPort: 4001, ordinal: 0 }, at)).toMatchObject({ certainty: 'ambiguous' })
  })

  it('remembers the last requests of a connection only', () => {
    const causes = new CauseFinder()
    for (let id = 0; id < 200; id++) {
      causes.opened(id, 1)
      causes.closed(id)
    }
    const at = () => 1
    expect(causes.find({ clientPort: 1, ordinal: 199 }, at)).toEqual({ exchange: 199, certainty: 'known' })
    expect(causes.find({ clientPort: 1, ordinal: 0 }, at)).toBeUndefined()
  })
})
