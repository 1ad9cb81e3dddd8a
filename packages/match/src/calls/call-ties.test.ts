import type { Value } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { joinChains, tiesOf } from './call-ties.ts'
import type { RecordedCall } from './recorded-call.ts'

const ONE = '5f0c3f4e-8a35-4f0f-9f7d-0a5b3c1d2e3f'
const TWO = '0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d'

function call(tests: string | readonly string[], request: Value, response: Value = 'OK'): RecordedCall {
  return {
    name: 'mock',
    dependency: 'postgres db:5432',
    connection: '1',
    protocol: 'postgres',
    operation: 'SELECT',
    lifetime: 'test',
    tests: typeof tests === 'string' ? [tests] : tests,
    key: () => request,
    request: () => request,
    response: () => response,
  }
}

describe('tests that calls tie', () => {
  it('are those that ask with a value which an earlier one was given by a dependency, and they were not', () => {
    const calls = [
      call('make', { sql: 'insert into orders default values returning id' }, { rows: [[ONE]] }),
      call('other', { sql: 'select 1' }),
      call('use', { sql: 'select * from orders where id = $1', params: [ONE] }),
    ]
    expect(tiesOf(calls)).toEqual([{ test: 'use', needed: 'make' }])
  })

  it('are those that ask with a value which the service made up for an earlier one, also within a text', () => {
    const calls = [call('make', { args: ['last', `order:${ONE}`] }), call('use', { args: [`{"id":"${ONE}"}`] })]
    expect(tiesOf(calls)).toEqual([{ test: 'use', needed: 'make' }])
  })

  it('are none that were given the value themselves, or that only read it', () => {
    const calls = [
      call('make', { args: ['last', ONE] }),
      call('read', { args: ['last'] }, ONE),
      call('follow', { args: ['last'] }, ONE),
      call('follow', { sql: `select * from orders where id = '${ONE}'` }),
    ]
    expect(tiesOf(calls)).toEqual([])
  })

  it('are none because of a value that the service had before, of a time, or of what sets connections up', () => {
    const at = '2026-03-01T10:00:00.123Z'
    const calls = [
      call([], { args: ['instance', TWO] }),
      { ...call('make', { args: ['client', ONE] }), lifetime: 'connection' as const },
      call('make', { args: [TWO, at] }),
      call('use', { args: [TWO, at, ONE] }),
    ]
    expect(tiesOf(calls)).toEqual([])
  })

  it('are all that may have made a call', () => {
    const calls = [call(['a', 'b'], { args: [ONE] }), call('c', { args: [ONE] })]
    expect(tiesOf(calls)).toEqual([
      { test: 'c', needed: 'a' },
      { test: 'c', needed: 'b' },
    ])
  })
})

describe('joining chains', () => {
  it('keeps the order of chains and joins what is tied, directly or not', () => {
    const ties = [
      { test: 'c', needed: 'a' },
      { test: 'e', needed: 'c' },
      { test: 'c', needed: 'unknown' },
    ]
    expect(joinChains([['a', 'd'], ['b'], ['c'], ['e']], ties)).toEqual([['a', 'd', 'c', 'e'], ['b']])
    expect(joinChains([['a'], ['b']], [])).toEqual([['a'], ['b']])
  })
})
