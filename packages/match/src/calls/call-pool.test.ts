import { describe, expect, it } from 'vitest'

import { BindingTable } from '../bindings/binding-table.ts'
import { planBindings } from '../bindings/plan-bindings.ts'
import { CallMatcher } from './call-matcher.ts'
import type { LiveCall, RecordedCall } from './recorded-call.ts'

let keysRead = 0

function recorded(key: string, index: number, more: Partial<RecordedCall> = {}): RecordedCall {
  return {
    name: `mock-${index}`,
    dependency: 'redis db:6379',
    connection: '1',
    protocol: 'redis',
    operation: 'GET',
    lifetime: 'test',
    tests: ['a'],
    key() {
      keysRead += 1
      return { command: ['GET', key] }
    },
    request: () => ({ command: ['GET', key] }),
    response: () => `${key} ${index}`,
    ...more,
  }
}

function live(key: string): LiveCall {
  const request = { command: ['GET', key] }
  const dependency = 'redis db:6379'
  return { dependency, protocol: 'redis', operation: 'GET', lifetime: 'test', request, key: request }
}

const tests = [{ name: 'a', table: new BindingTable(planBindings([])) }]

function names(matcher: CallMatcher, keys: readonly string[]): string[] {
  return keys.map((key) => {
    const match = matcher.answer(live(key), tests)
    return match.type === 'match' ? match.call.name : match.reason
  })
}

describe('many recorded calls', () => {
  it('are found without reading all of them each time', () => {
    const count = 20_000
    const keys = Array.from({ length: count }, (_, index) => `user:${index}`)
    const matcher = new CallMatcher(keys.map((key, index) => recorded(key, index)))
    keysRead = 0
    expect(names(matcher, keys.toReversed())).toEqual(keys.map((_, index) => `mock-${count - 1 - index}`))
    expect(keysRead).toBeLessThan(count * 4)
  }, 60_000)

  it('that ask the same are given in recorded order, and again when their test is tried again', () => {
    const same = Array.from({ length: 10_000 }, () => 'one')
    const matcher = new CallMatcher(same.map((key, index) => recorded(key, index)))
    keysRead = 0
    const expected = same.map((_, index) => `mock-${index}`)
    expect(names(matcher, same)).toEqual(expected)
    expect(keysRead).toBeLessThan(same.length * 4)
    expect(names(matcher, ['one'])).toEqual(['used-up'])
    matcher.restore('a')
    expect(names(matcher, ['one', 'one'])).toEqual(['mock-0', 'mock-1'])
  }, 60_000)

  it('that may be answered again and again are not compared one by one', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `setting:${index}`)
    const matcher = new CallMatcher(keys.map((key, index) => recorded(key, index, { lifetime: 'session', tests: [] })))
    keysRead = 0
    for (let round = 0; round < 3; round++) names(matcher, keys)
    expect(keysRead).toBeLessThan(keys.length * 4)
  })

  it('that may be answered again and again take turns only with those that ask exactly the same', () => {
    const ids = ['0190a3c4-6b1e-7c3a-9f00-3d5a8e7b1c2d', '0190a3c4-6b1e-7c3a-9f00-4e6b9f8c2d3e']
    const calls = [...ids, ids[0]!].map((key, index) => recorded(key, index, { lifetime: 'session', tests: [] }))
    const matcher = new CallMatcher(calls)
    expect(names(matcher, [ids[1]!, ids[1]!, ids[0]!, ids[0]!, ids[0]!])).toEqual([
      'mock-1',
      'mock-1',
      'mock-0',
      'mock-2',
      'mock-0',
    ])
  })
})
