import type { Value } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { BindingTable } from '../bindings/binding-table.ts'
import { planBindings } from '../bindings/plan-bindings.ts'
import { CallMatcher } from './call-matcher.ts'
import type { ActiveTest, LiveCall, RecordedCall } from './recorded-call.ts'

const dependency = 'postgres db:5432'
let clock = 0

/** A call of a test, or of none, one second after the one before. */
function recorded(operation: string, request: Value, response: Value, test?: string): RecordedCall {
  clock += 1
  const at = clock * 1000
  const tests = test === undefined ? [] : [test]
  const trees = { key: () => request, request: () => request, response: () => response }
  const place = { dependency, connection: '1', protocol: 'postgres', operation, lifetime: 'test' } as const
  return { name: `mock-${clock}`, ...place, tests, at, ...trees }
}

const live = (operation: string, request: Value): LiveCall => {
  return { dependency, protocol: 'postgres', operation, lifetime: 'test', request, key: request }
}

const test = (name: string): ActiveTest => ({ name, table: new BindingTable(planBindings([])) })

const LOOK = { sql: 'select * from outbox where sent_at is null' }
const EMPTY = { rows: [] }
const insert = (what: string) => ({ sql: 'insert into outbox values ($1)', params: [what] })
const mark = (what: string) => ({ sql: 'update outbox set sent_at = now() where id = $1', params: [what] })

/** A service that looks for work every second, and finds what two tests gave it. */
function recording(): CallMatcher {
  return new CallMatcher([
    recorded('SELECT', LOOK, EMPTY),
    recorded('SELECT', LOOK, EMPTY),
    recorded('INSERT', insert('tea'), 'INSERT 1', 'post-1'),
    recorded('SELECT', LOOK, { rows: ['tea'] }),
    recorded('UPDATE', mark('tea'), 'UPDATE 1'),
    recorded('SELECT', LOOK, EMPTY),
    recorded('INSERT', insert('bread'), 'INSERT 1', 'post-2'),
    recorded('SELECT', LOOK, { rows: ['bread'] }),
    recorded('UPDATE', mark('bread'), 'UPDATE 1'),
  ])
}

describe('work that a service does by itself', () => {
  const look = (matcher: CallMatcher, tests: readonly ActiveTest[] = []): unknown => {
    const match = matcher.answer(live('SELECT', LOOK), tests)
    return match.type === 'match' ? match.response : match
  }
  const post = (matcher: CallMatcher, name: string, what: string): void => {
    matcher.begin(name)
    expect(matcher.answer(live('INSERT', insert(what)), [test(name)])).toMatchObject({ type: 'match', test: name })
  }
  const sent = (matcher: CallMatcher, what: string): void => {
    expect(matcher.answer(live('UPDATE', mark(what)), [])).toMatchObject({ type: 'match' })
  }

  it('is found when it was given in the replay, however often it was looked for before', () => {
    for (const times of [0, 1, 2, 7]) {
      const matcher = recording()
      for (let time = 0; time < times; time++) expect(look(matcher)).toEqual(EMPTY)
      matcher.begin('post-1')
      expect(look(matcher)).toEqual(EMPTY)
      post(matcher, 'post-1', 'tea')
      expect(look(matcher)).toEqual({ rows: ['tea'] })
      sent(matcher, 'tea')
      for (let time = 0; time < times; time++) expect(look(matcher)).toEqual(EMPTY)
      post(matcher, 'post-2', 'bread')
      expect(look(matcher)).toEqual({ rows: ['bread'] })
      sent(matcher, 'bread')
      expect(look(matcher)).toEqual(EMPTY)
    }
  })

  it('is found for the tests that run, where others are left out', () => {
    const matcher = recording()
    post(matcher, 'post-2', 'bread')
    expect(look(matcher)).toEqual({ rows: ['bread'] })
    expect(look(matcher)).toEqual(EMPTY)
  })

  it('is not found twice', () => {
    const matcher = recording()
    post(matcher, 'post-1', 'tea')
    expect(look(matcher)).toEqual({ rows: ['tea'] })
    expect(look(matcher)).toEqual(EMPTY)
  })

  it('says what it has not done yet of what was done before a moment, loops left out', () => {
    const start = clock
    const matcher = recording()
    const pending = (seconds: number) => matcher.pending((start + seconds) * 1000).map(({ operation }) => operation)
    expect(pending(3)).toEqual([])
    post(matcher, 'post-1', 'tea')
    expect(pending(5)).toEqual([])
    expect(pending(6)).toEqual(['UPDATE'])
    expect(pending(7)).toEqual(['UPDATE'])
    sent(matcher, 'tea')
    expect(pending(7)).toEqual([])
    // What follows from a test that is left out is not waited for.
    expect(pending(100)).toEqual([])
  })

  it('is not repeated where it was always answered otherwise, or asked once', () => {
    const matcher = new CallMatcher([
      recorded('SELECT', LOOK, { rows: ['tea'] }),
      recorded('SELECT', LOOK, { rows: ['bread'] }),
      recorded('UPDATE', mark('tea'), 'UPDATE 1'),
    ])
    expect(look(matcher)).toEqual({ rows: ['tea'] })
    expect(look(matcher)).toEqual({ rows: ['bread'] })
    expect(look(matcher)).toMatchObject({ type: 'miss', reason: 'used-up' })
    sent(matcher, 'tea')
    expect(matcher.answer(live('UPDATE', mark('tea')), [])).toMatchObject({ type: 'miss', reason: 'used-up' })
  })

  it('waits at the server where its protocol waits', () => {
    const matcher = new CallMatcher([recorded('SELECT', LOOK, EMPTY), recorded('SELECT', LOOK, EMPTY)])
    const waiting = { ...live('SELECT', LOOK), waits: true }
    expect([1, 2, 3].map(() => matcher.answer(waiting, []).type)).toEqual(['match', 'match', 'miss'])
  })
})
