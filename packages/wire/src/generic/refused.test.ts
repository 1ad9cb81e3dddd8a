import { expect, it } from 'vitest'

import { genericMocks } from './generic-mocks.ts'
import { refusalOf, refusedCall } from './refused.ts'

it('keeps a refused connection in a document of its own kind', () => {
  const call = refusedCall('ENOTFOUND')
  const { kind, spec, metadata } = genericMocks.encode(call)
  expect(kind).toBe('Call')
  const decoded = genericMocks.decode({
    kind,
    spec,
    lifetime: 'test',
    ...(metadata !== undefined && { metadata }),
  } as never)
  expect(decoded).toEqual({ calls: [call] })
  expect(refusalOf(call.response)).toBe('ENOTFOUND')
  expect(refusalOf('text')).toBeUndefined()
})
