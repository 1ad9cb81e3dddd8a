import type { Value } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { BindingTable } from '../bindings/binding-table.ts'
import { planBindings } from '../bindings/plan-bindings.ts'
import { CallMatcher } from './call-matcher.ts'
import type { ActiveTest, LiveCall, RecordedCall } from './recorded-call.ts'

let names = 0

function recorded(request: Value, response: Value, options: Partial<RecordedCall> = {}): RecordedCall {
  return {
    name: `mock-${names++}`,
    dependency: 'postgres db:5432',
    connection: '1',
    protocol: 'postgres',
    operation: 'INSERT',
    lifetime: 'test',
    tests: ['a'],
    key: () => request,
    request: () => request,
    response: () => response,
    ...options,
  }
}

function live(request: Value, options: Partial<LiveCall> = {}): LiveCall {
  return {
    dependency: 'postgres db:5432',
    protocol: 'postgres',
    operation: 'INSERT',
    lifetime: 'test',
    request,
    key: request,
    ...options,
  }
}

function test(name = 'a'): ActiveTest {
  return { name, table: new BindingTable(planBindings([])) }
}

const ONE = '5f0c3f4e-8a35-4f0f-9f7d-0a5b3c1d2e3f'
const TWO = '0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d'
const LIVE = 'c0ffee00-1234-4abc-8def-0123456789ab'
const OTHER = 'deadbeef-4321-4cba-9fed-ba9876543210'

describe('looking for the recorded answer to a call', () => {
  it('takes calls once each, in recorded order', () => {
    const request = { sql: 'SELECT count(*)' }
    const matcher = new CallMatcher([recorded(request, 1), recorded(request, 2)])
    expect(matcher.answer(live(request), [test()])).toMatchObject({ type: 'match', response: 1 })
    expect(matcher.answer(live(request), [test()])).toMatchObject({ type: 'match', response: 2 })
    expect(matcher.answer(live(request), [test()])).toMatchObject({ type: 'miss', reason: 'used-up', recorded: 2 })
  })

  it.each([0, 1, 2])('answers each chain with its own values, whichever was first (%d calls before)', (before) => {
    const matcher = new CallMatcher([
      recorded({ args: ['last', ONE] }, 'OK', { tests: ['make'] }),
      recorded({ args: ['last'] }, ONE, { operation: 'GET', tests: ['read'] }),
      recorded({ args: [ONE] }, [ONE], { operation: 'GET', tests: ['read'] }),
    ])
    const both = [test('make'), test('read')]
    const steps = [live({ args: ['last'] }, { operation: 'GET' }), live({ args: [ONE] }, { operation: 'GET' })]
    steps.splice(before, 0, live({ args: ['last', LIVE] }))
    const matches = steps.map((step) => matcher.answer(step, both))
    expect(matches.splice(before, 1)).toMatchObject([{ type: 'match', test: 'make' }])
    expect(matches).toMatchObject([
      { test: 'read', response: ONE },
      { test: 'read', response: [ONE] },
    ])
  })

  it('finds what the service did by itself by the values of any chain, and by those of its start', () => {
    const matcher = new CallMatcher([
      recorded({ args: ['instance', TWO] }, 'OK', { tests: [] }),
      recorded({ args: ['last', ONE] }, 'OK', { tests: ['make'] }),
      recorded({ args: ['sent', ONE, TWO] }, ONE, { tests: [] }),
      recorded({ args: ['seen', TWO] }, TWO, { tests: ['other'] }),
    ])
    const [other, make] = [test('other'), test('make')]
    expect(matcher.answer(live({ args: ['instance', OTHER] }), [])).toMatchObject({ type: 'match' })
    expect(matcher.answer(live({ args: ['last', LIVE] }), [other, make])).toMatchObject({ test: 'make' })
    expect(matcher.answer(live({ args: ['sent', LIVE, OTHER] }), [other, make])).toMatchObject({ response: LIVE })
    expect(matcher.answer(live({ args: ['seen', OTHER] }), [other])).toMatchObject({ response: OTHER })
  })

  it('takes numbers for times where they are as far from the clock as the recorded ones were', () => {
    const at = Date.parse('2026-03-01T10:00:00Z')
    const now = Date.parse('2026-05-02T11:00:00Z')
    const request = (time: number, until: number) => ({ args: ['order', String(time), `x:${until}`] })
    const matcher = () => new CallMatcher([recorded(request(at + 5, at / 1000 + 3600), { score: at + 5 }, { at })])
    const asked = (time: number, until: number) => live(request(time, until), { at: now })
    expect(matcher().answer(asked(now + 90, now / 1000 + 3601), [test()])).toMatchObject({
      type: 'match',
      response: { score: now + 90 },
    })
    // An hour longer, another unit, and a number that is no time.
    expect(matcher().answer(asked(now + 90, now / 1000 + 7200), [test()])).toMatchObject({ type: 'miss' })
    expect(matcher().answer(asked(now * 1000, now / 1000 + 3600), [test()])).toMatchObject({ type: 'miss' })
    expect(matcher().answer(asked(12, now / 1000 + 3600), [test()])).toMatchObject({ type: 'miss' })
    expect(matcher().answer(live(request(now, now / 1000 + 3600)), [test()])).toMatchObject({ type: 'miss' })
  })

  it('compares only what a recording tells: one that names no host answers for any', () => {
    const key = { path: '/a', body: 'x' }
    const foreign = recorded(key, 1, { unrecorded: ['host'], dependency: 'http' })
    const own = recorded({ ...key, host: 'b.example' }, 2, { dependency: 'https b.example' })
    const matcher = new CallMatcher([foreign, own])
    const ask = (host: string, body = 'x'): LiveCall =>
      live({ path: '/a', host, body }, { dependency: `https ${host}` })
    expect(matcher.answer(ask('b.example'), [test()])).toMatchObject({ type: 'match', response: 2 })
    expect(matcher.answer(ask('a.example', 'y'), [test()])).toMatchObject({
      type: 'miss',
      differences: [{ path: 'body', recorded: 'x', live: 'y' }],
    })
    expect(matcher.answer(ask('a.example'), [test()])).toMatchObject({ type: 'match', response: 1 })
    const strict = new CallMatcher([recorded({ ...key, host: 'b.example' }, 2, { dependency: 'https b.example' })])
    expect(strict.answer(ask('a.example'), [test()])).toMatchObject({
      type: 'miss',
      differences: [{ path: 'host', recorded: 'b.example', live: 'a.example' }],
    })
  })

  it('says what a server said by itself with the values that are live', () => {
    const matcher = new CallMatcher([recorded({ values: [ONE] }, 1)])
    const tests = [test()]
    const push = recorded(null, { payload: `{"id":"${ONE}"}` })
    expect(matcher.said(push, tests)).toEqual({ payload: `{"id":"${ONE}"}` })
    matcher.answer(live({ values: [LIVE] }), tests)
    expect(matcher.said(push, tests)).toEqual({ payload: `{"id":"${LIVE}"}` })
  })

  it('repeats what somebody allowed to repeat', () => {
    const request = { sql: 'SELECT now()' }
    const matcher = new CallMatcher([recorded(request, 1), recorded(request, 2)], { mayRepeat: () => true })
    const answers = Array.from({ length: 4 }, () => matcher.answer(live(request), [test()]))
    expect(answers.map((match) => (match.type === 'match' ? match.response : match.reason))).toEqual([1, 2, 2, 2])
  })

  it('lets a generated value stand for the recorded one, from then on and in the answer', () => {
    const insert = { sql: 'INSERT', params: [ONE, 'ada'] }
    const matcher = new CallMatcher([
      recorded(insert, { rows: [[ONE, 'ada']] }),
      recorded({ sql: 'SELECT', params: [ONE] }, { rows: [[ONE, `/users/${ONE}`]] }, { operation: 'SELECT' }),
    ])
    const active = [test()]
    expect(matcher.answer(live({ sql: 'INSERT', params: [LIVE, 'ada'] }), active)).toMatchObject({
      response: { rows: [[LIVE, 'ada']] },
    })
    const select = (id: string) => live({ sql: 'SELECT', params: [id] }, { operation: 'SELECT' })
    expect(matcher.answer(select(OTHER), active)).toMatchObject({ type: 'miss', reason: 'unknown' })
    expect(matcher.answer(select(ONE), active)).toMatchObject({ type: 'miss' })
    expect(matcher.answer(select(LIVE), active)).toMatchObject({ response: { rows: [[LIVE, `/users/${LIVE}`]] } })
  })

  it('never lets one live id stand for two recorded ones', () => {
    const matcher = new CallMatcher([recorded({ id: ONE, n: 1 }, 'first'), recorded({ id: TWO, n: 2 }, 'second')])
    const active = [test()]
    expect(matcher.answer(live({ id: LIVE, n: 1 }), active)).toMatchObject({ response: 'first' })
    expect(matcher.answer(live({ id: LIVE, n: 2 }), active)).toMatchObject({ type: 'miss' })
    expect(matcher.answer(live({ id: OTHER, n: 2 }), active)).toMatchObject({ response: 'second' })
  })

  it('takes several alike in order, and none when they answer differently', () => {
    const alike = new CallMatcher([recorded({ id: ONE }, { id: ONE }), recorded({ id: TWO }, { id: TWO })])
    expect(alike.answer(live({ id: LIVE }), [test()])).toMatchObject({ response: { id: LIVE } })
    const unlike = new CallMatcher([recorded({ id: ONE }, 'red'), recorded({ id: TWO }, 'blue')])
    expect(unlike.answer(live({ id: LIVE }), [test()])).toMatchObject({ type: 'miss', reason: 'ambiguous' })
  })

  it('leaves no test without a call that it made, where nobody knows whose the calls are', () => {
    const request = { sql: 'SELECT count(*)' }
    const matcher = new CallMatcher([
      recorded(request, 1, { tests: ['a', 'b'] }),
      recorded(request, 2, { tests: ['a', 'c'] }),
      recorded(request, 3, { tests: ['d'] }),
    ])
    const ask = (name: string) => matcher.answer(live(request), [test(name)])
    expect([ask('a'), ask('b')]).toMatchObject([{ response: 1 }, { response: 2 }])
    expect(ask('c')).toMatchObject({ type: 'miss', reason: 'used-up' })
    expect(ask('d')).toMatchObject({ response: 3 })
  })

  it('gives nothing that was recorded for another test', () => {
    const request = { sql: 'SELECT 1' }
    const matcher = new CallMatcher([recorded(request, 'of b', { tests: ['b'] })])
    expect(matcher.answer(live(request), [test('a')])).toMatchObject({ type: 'miss', reason: 'other-test' })
    expect(matcher.answer(live(request), [test('b')])).toMatchObject({ response: 'of b' })
  })

  it('gives what the service did by itself to whoever asks, and what sets connections up again and again', () => {
    const matcher = new CallMatcher([
      recorded({ sql: 'migrate' }, 'done', { tests: [] }),
      recorded({ sql: 'SHOW x' }, 'on', { lifetime: 'session', tests: [] }),
    ])
    expect(matcher.answer(live({ sql: 'migrate' }), [])).toMatchObject({ response: 'done' })
    expect(matcher.answer(live({ sql: 'migrate' }), [])).toMatchObject({ reason: 'used-up' })
    for (let turn = 0; turn < 3; turn++) {
      expect(matcher.answer(live({ sql: 'SHOW x' }, { lifetime: 'session' }), [])).toMatchObject({ response: 'on' })
    }
    expect(matcher.unused()).toEqual([])
  })

  it('keeps dependencies apart that the recording knows, and no others', () => {
    const request = { sql: 'SELECT 1' }
    const calls = () => [recorded(request, 'main'), recorded(request, 'copy', { dependency: 'postgres copy:5432' })]
    const ask = (dependency: string) => new CallMatcher(calls()).answer(live(request, { dependency }), [test()])
    expect(ask('postgres copy:5432')).toMatchObject({ response: 'copy' })
    expect(ask('postgres localhost:5432')).toMatchObject({ response: 'main' })
  })

  it('names the nearest call and how the live one differs', () => {
    const matcher = new CallMatcher([
      recorded({ sql: 'INSERT INTO orders', params: ['x', 1] }, 1),
      recorded({ sql: 'INSERT INTO users', params: ['ada', 36] }, 2),
    ])
    const match = matcher.answer(live({ sql: 'INSERT INTO users', params: ['ada', 37] }), [test()])
    expect(match).toMatchObject({
      type: 'miss',
      reason: 'unknown',
      differences: [{ path: 'params[1]', recorded: 36, live: 37 }],
    })
  })

  it('compares texts of JSON as what they say', () => {
    const matcher = new CallMatcher([
      recorded({ args: ['key', `{"id":"${ONE}","created_at":1730123456,"n":1}`] }, 'OK'),
    ])
    const text = (n: number) => `{"id":"${LIVE}","created_at":1790123456,"n":${n}}`
    expect(matcher.answer(live({ args: ['key', text(2)] }), [test()])).toMatchObject({ type: 'miss' })
    expect(matcher.answer(live({ args: ['key', text(1)] }), [test()])).toMatchObject({ response: 'OK' })
  })

  it('makes the calls of a test available again', () => {
    const request = { sql: 'SELECT 1' }
    const matcher = new CallMatcher([recorded(request, 1)])
    matcher.answer(live(request), [test()])
    expect(matcher.unused()).toEqual([])
    matcher.restore('a')
    expect(matcher.unused()).toHaveLength(1)
    expect(matcher.answer(live(request), [test()])).toMatchObject({ response: 1 })
  })

  it('fills the secret of an answer, and says which one is missing', () => {
    const calls = () => [recorded({ sql: 'SELECT' }, { rows: [['{{secret.1}}']] })]
    const table = new BindingTable(planBindings([]), { lookup: (number) => (number === 1 ? 'pa55' : undefined) })
    const known = new CallMatcher(calls()).answer(live({ sql: 'SELECT' }), [{ name: 'a', table }])
    expect(known).toMatchObject({ response: { rows: [['pa55']] }, missing: [] })
    expect(new CallMatcher(calls()).answer(live({ sql: 'SELECT' }), [test()])).toMatchObject({ missing: [1] })
  })
})
