import type { Value } from '@keploy-framework/format'
import type { RecordedCall } from '@keploy-framework/match'
import { describe, expect, it } from 'vitest'

import { locksOf, TestTurns } from './test-locks.ts'

function call(test: string, request: Value, response: Value): RecordedCall {
  return {
    name: `${test}-mock`,
    dependency: 'redis db:6379',
    connection: '1',
    protocol: 'redis',
    operation: 'GET',
    lifetime: 'test',
    tests: [test],
    key: () => request,
    request: () => request,
    response: () => response,
  }
}

describe('tests that ask the same', () => {
  it('exclude each other where they are answered differently, and only there', () => {
    const locks = locksOf([
      call('a', 'count', 1),
      call('b', 'count', 2),
      call('c', 'colour', 'red'),
      call('d', 'colour', 'red'),
      call('e', { id: '5f0c3f4e-8a35-4f0f-9f7d-0a5b3c1d2e3f' }, 1),
      call('f', { id: '0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d' }, 2),
    ])
    expect([...locks.keys()]).toEqual(['a', 'b', 'e', 'f'])
    expect(locks.get('a')).toEqual(locks.get('b'))
    expect(locks.get('e')).not.toEqual(locks.get('a'))
  })

  it('exclude each other where nobody knows which of them made a call', () => {
    const shared = { ...call('a', 'x', 1), tests: ['a', 'b'] }
    const locks = locksOf([shared, call('c', 'y', 1)])
    expect([...locks.keys()]).toEqual(['a', 'b'])
    expect(locks.get('a')).toEqual(locks.get('b'))
  })

  it('wait for each other, and for nobody else', async () => {
    const turns = new TestTurns(locksOf([call('a', 'count', 1), call('b', 'count', 2), call('c', 'x', 1)]))
    const order: string[] = []
    const first = await turns.take('a')
    const second = turns.take('b').then((done) => {
      order.push('b')
      return done
    })
    const other = await turns.take('c')
    order.push('c')
    other()
    first()
    ;(await second)()
    expect(order).toEqual(['c', 'b'])
    ;(await turns.take('a'))()
  })
})
