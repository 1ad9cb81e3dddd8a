import { describe, expect, it } from 'vitest'

import { genericMocks } from './generic-mocks.ts'

describe('documents of unknown protocols', () => {
  it('are a problem where they hold no traffic', () => {
    const objects = { objects: [{ type: '*keploy.KError', data: 'H4sI' }] }
    expect(genericMocks.decode({ kind: 'Generic', spec: objects, lifetime: 'test' })).toEqual({
      problem: expect.stringContaining('an SDK of Keploy'),
    })
    expect(genericMocks.decode({ kind: 'Generic', spec: {}, lifetime: 'test' })).toEqual({
      problem: 'the spec has neither genericrequests nor genericresponses',
    })
  })

  it('are read in any casing', () => {
    const list = (data: string) => [{ origin: 'x', message: [{ type: 'utf-8', data }] }]
    const spec = { genericRequests: list('hi'), genericResponses: list('ho') }
    expect(genericMocks.decode({ kind: 'Generic', spec, lifetime: 'test' })).toMatchObject({
      calls: [{ request: 'hi', response: 'ho' }],
    })
  })
})
