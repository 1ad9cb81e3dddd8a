import type { RecordedCall } from '@keploy-framework/match'
import { expect, it } from 'vitest'

import { repeatRules } from './repeat-rules.ts'

function redis(command: string, ...args: string[]): RecordedCall {
  return {
    name: 'mock-0',
    dependency: 'redis db:6379',
    connection: '1',
    protocol: 'redis',
    operation: command,
    lifetime: 'test',
    tests: [],
    key: () => ({ command, args }),
    request: () => ({ command, args }),
    response: () => null,
  }
}

it.each([
  ['GET job:*', 'job:1', true],
  ['GET job:1', 'job:1', true],
  ['GET job:1', 'job:12', false],
  ['GET *:state', 'job:1:state', true],
  ['GET *:state', 'job:1:states', false],
  ['*', 'anything', true],
  ['GET a*b*c', 'a-b-b-c', true],
  ['GET ab*ba', 'aba', false],
])('%s and %s: %s', (pattern, key, expected) => {
  expect(repeatRules([pattern])?.(redis('GET', key))).toBe(expected)
})

it('is no rule without patterns', () => {
  expect(repeatRules([])).toBeUndefined()
})
