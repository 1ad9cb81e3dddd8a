import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BindingTable } from '../bindings/binding-table.ts'
import { planBindings } from '../bindings/plan-bindings.ts'
import { CallMatcher } from './call-matcher.ts'
import type { ActiveTest, LiveCall, RecordedCall } from './recorded-call.ts'

const named = { dependency: 'd', protocol: 'generic', operation: 'x', lifetime: 'test' } as const

function recorded(requests: readonly Value[]): RecordedCall[] {
  return requests.map((request, index) => {
    const own = { name: `mock-${index}`, connection: '1', tests: ['a'] }
    return { ...named, ...own, key: () => request, request: () => request, response: () => index }
  })
}

const live = (request: Value): LiveCall => ({ ...named, request, key: request })
const active = (): ActiveTest[] => [{ name: 'a', table: new BindingTable(planBindings([])) }]

/** Words that are no generated value, of any kind. */
const word = fc.constantFrom<Value[]>('ada', 'bob', 'carl', true, false, null, 1, 2, 3)
const row = fc.record({
  sql: fc.constantFrom('select', 'insert'),
  params: fc.array(word, { minLength: 1, maxLength: 4 }),
})

describe('calls that are replayed as they were recorded', () => {
  it('all match, each with its own answer', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (requests) => {
        const matcher = new CallMatcher(recorded(requests))
        const tests = active()
        const answers = requests.map((request) => matcher.answer(live(request), tests))
        expect(answers.map((match) => match.type === 'match' && match.response)).toEqual(requests.map((_, at) => at))
        expect(matcher.unused()).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('do not match with a leaf changed that is no generated value', () => {
    fc.assert(
      fc.property(row, fc.nat(3), (request, at) => {
        const params = request.params.with(at % request.params.length, 'someone else')
        expect(new CallMatcher(recorded([request])).answer(live({ ...request, params }), active()).type).toBe('miss')
      }),
      { numRuns: 300 },
    )
  })

  it('match with ids renamed consistently, and not with one id for two', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 4 }), fc.uuid({ version: 4 }), fc.uuid({ version: 4 }), (id, other, fresh) => {
        fc.pre(new Set([id, other, fresh]).size === 3)
        const requests = [{ insert: id }, { select: id }, { update: other }]
        const matcher = new CallMatcher(recorded(requests))
        const tests = active()
        expect(matcher.answer(live({ insert: fresh }), tests)).toMatchObject({ type: 'match', response: 0 })
        expect(matcher.answer(live({ select: other }), tests).type).toBe('miss')
        expect(matcher.answer(live({ select: fresh }), tests)).toMatchObject({ type: 'match', response: 1 })
        expect(matcher.answer(live({ update: fresh }), tests).type).toBe('miss')
      }),
      { numRuns: 300 },
    )
  })
})
