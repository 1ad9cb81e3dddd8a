import type { TestAssertions } from '@keploy-framework/format'
import { BindingTable, createNoise, planBindings } from '@keploy-framework/match'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../test/make-test.ts'
import { compareResponse } from './compare-response.ts'
import type { Comparison } from './compare-response.ts'

const ID = '3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const LIVE = '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21'

function compare(
  assertions: Partial<TestAssertions>,
  text = JSON.stringify({ id: LIVE, list: [{ a: 1, b: 2 }, { a: 3 }], n: 5 }),
): Comparison {
  const it = makeTest({ name: 'it', status: 200, responseBody: { id: ID, list: [], n: 1 }, assertions })
  const bindings = new BindingTable(planBindings([it]))
  bindings.beginTest('it')
  const headers = [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['X-Id', '42'],
  ] as const
  const actual = { status: 201, statusMessage: '', headers, body: Buffer.from(text) }
  return compareResponse(it, actual, { noise: createNoise(), bindings, hosts: { recorded: [], live: '' }, options: {} })
}

function messages(assertions: Partial<TestAssertions>, text?: string): string[] {
  return compare(assertions, text).failures.map(({ message }) => message)
}

describe('when a test has assertions', () => {
  test('they alone decide, it is said, and values are bound all the same', () => {
    const comparison = compare({ statusCodeClass: '2xx' })
    expect(comparison.passed).toBe(true)
    expect(comparison.rules).toEqual([{ path: '', rule: 'assertions only: status_code_class' }])
    expect(comparison.bound).toMatchObject([{ recorded: ID, live: LIVE }])
  })

  test('noise alone leaves the decision with the recorded response', () => {
    expect(compare({}).failures.length).toBeGreaterThan(2)
  })

  test('each one says what it expected', () => {
    expect(messages({ statusCode: 200 })).toEqual(['status_code: expected 200, got 201.'])
    expect(messages({ statusCodeClass: '4xx' })).toEqual(['status_code_class: expected 4xx, got 201.'])
    expect(messages({ statusCodeIn: [200, 204] })).toEqual(['status_code_in: expected one of 200, 204, got 201.'])
    expect(messages({ headerEqual: new Map([['content-type', 'application/json']]) })).toEqual([
      'header_equal: expected header content-type to equal "application/json", got "application/json; charset=utf-8".',
    ])
    expect(messages({ headerContains: new Map([['Content-Type', 'html']]) })).toHaveLength(1)
    expect(messages({ headerExists: ['ETag', 'x-id'] })).toEqual(['header_exists: the header ETag is missing.'])
    expect(
      messages({
        headerMatches: new Map([
          ['X-Id', '^[a-z]+$'],
          ['Nope', '.'],
        ]),
      }),
    ).toEqual([
      'header_matches: expected header X-Id to match "^[a-z]+$", got "42".',
      'header_matches: expected header Nope to match ".", got nothing.',
    ])
    expect(messages({ jsonEqual: true })).toEqual([
      'body.list[0] was added: got {"a":1,"b":2}.',
      'body.list[1] was added: got {"a":3}.',
      'body.n is 5 where 1 was recorded.',
    ])
    expect(messages({ jsonEqual: true }, '<html>')).toEqual(['json_equal: the body is not JSON (unexpected "<").'])
    expect(messages({ jsonContains: { n: 6 } })).toEqual(['json_contains: expected body.n to contain 6, got 5.'])
    expect(messages({ jsonContains: { x: { y: 1 } } })).toEqual([
      'json_contains: expected body.x to contain {"y":1}, got nothing.',
    ])
    expect(messages({ jsonContains: { list: [{ a: 4 }] } })).toHaveLength(1)
    expect(messages({ jsonContains: { list: {} } })).toHaveLength(1)
    expect(messages({ jsonContains: {} }, 'no')).toHaveLength(1)
  })

  test('they pass where they hold, up to bindings', () => {
    expect(
      messages({
        statusCode: 201,
        statusCodeIn: [200, 201],
        headerEqual: new Map([['X-Id', '42']]),
        headerContains: new Map([['Content-Type', 'json']]),
        headerMatches: new Map([['X-Id', '^[0-9]+$']]),
        headerExists: ['x-id'],
        jsonContains: { id: ID, n: 5, list: [{ a: 3 }, { b: 2 }] },
      }),
    ).toEqual([])
    expect(messages({ jsonEqual: true }, JSON.stringify({ n: 1, id: LIVE, list: [] }))).toEqual([])
    expect(messages({ jsonContains: { n: 1e21 } }, '{"n":1000000000000000000000}')).toEqual([])
  })
})
