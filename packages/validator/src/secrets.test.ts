import type { SecretRecord } from '@keploy-framework/format'
import { BindingTable, createNoise, planBindings } from '@keploy-framework/match'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../test/make-test.ts'
import type { Sketch } from '../test/make-test.ts'
import { answerOf } from '../test/replay.ts'
import { compareResponse } from './compare-response.ts'
import type { Comparison } from './compare-response.ts'

const secrets: SecretRecord[] = [
  { number: 1, kind: 'token field', firstSeen: '' },
  { number: 2, kind: 'pin field (number)', firstSeen: '' },
]

function compare(sketch: Omit<Sketch, 'name'>, live: string): Comparison & { readonly table: BindingTable } {
  const recorded = makeTest({ name: 'it', ...sketch })
  const table = new BindingTable(planBindings([recorded]), { secrets })
  table.beginTest('it')
  const actual = { ...answerOf(recorded), body: Buffer.from(live) }
  const context = { noise: createNoise(), bindings: table, hosts: { recorded: [], live: '' }, options: {} }
  return Object.assign(compareResponse(recorded, actual, context), { table })
}

describe('a recorded placeholder', () => {
  test('that was a number stands for a number, and for nothing else', () => {
    const passed = compare({ responseBody: { pin: '{{secret.2}}' } }, '{"pin":1234}')
    expect(passed.failures).toEqual([])
    expect(passed.table.secret(2)).toBe('1234')
    const failed = compare({ responseBody: { pin: '{{secret.2}}' } }, '{"pin":"1234"}')
    expect(failed.failures[0]?.message).toBe('body.pin is a string where "{{secret.2}}" was recorded.')
    const long = compare({ responseBody: { pin: '{{secret.2}}' } }, '{"pin":12345678901234567891}')
    expect([long.passed, long.table.secret(2)]).toEqual([true, '12345678901234567891'])
  })

  test('that was a number is found by json_contains', () => {
    const assertions = { jsonContains: { pin: '{{secret.2}}' } }
    const body = { pin: '{{secret.2}}', more: 1 }
    expect(compare({ responseBody: body, assertions }, '{"pin":1234,"more":2}').passed).toBe(true)
    expect(compare({ responseBody: body, assertions }, '{"pin":"x","more":2}').passed).toBe(false)
  })

  test('does not give away what stands in its place', () => {
    for (const live of ['{"token":{"value":"s3cr3t"}}', '{"token":["s3cr3t"]}', '{"token":null}']) {
      const { failures } = compare({ responseBody: { token: '{{secret.1}}' } }, live)
      expect(failures).toHaveLength(1)
      expect(JSON.stringify(failures)).not.toContain('s3cr3t')
    }
  })

  test('may stand in a key', () => {
    const { failures, table } = compare({ responseBody: { '{{secret.1}}': { ok: 1 } } }, '{"live-key":{"ok":1}}')
    expect([failures, table.secret(1)]).toEqual([[], 'live-key'])
  })

  test('that is literal text of the traffic is compared as text', () => {
    expect(compare({ responseBody: { a: '{{secret.!1}}' } }, '{"a":"{{secret.1}}"}').passed).toBe(true)
    expect(compare({ responseBody: { a: '{{secret.!1}}' } }, '{"a":"{{secret.!1}}"}').passed).toBe(false)
    expect(compare({ responseBody: { a: '{{secret.!1}}' } }, '{"a":"other"}').passed).toBe(false)
  })
})

describe('a key that stands twice', () => {
  test.each([
    ['{"a":1,"a":2,"t":"{{secret.1}}"}', '{"a":1,"a":2,"t":"x"}', undefined],
    ['{"a":1,"a":2,"t":"{{secret.1}}"}', '{"a":3,"a":2,"t":"x"}', 'body.a is 3 where 1 was recorded.'],
    ['{"a":1,"a":2}', '{"a": 2}', 'body.a is 2 where 1 was recorded.'],
    ['{"a":2}', '{"a":1,"a":2}', 'body.a is 1 where 2 was recorded.'],
    ['{"a":2}', '{"a":2,"a":2}', 'body["a (2)"] was not recorded: got 2.'],
  ])('in %s is compared value by value with %s', (recorded, live, message) => {
    const { failures } = compare(
      { responseBody: recorded, responseHeaders: [['Content-Type', 'application/json']] },
      live,
    )
    expect(failures[0]?.message).toBe(message)
  })

  test('is compared in lines and events too', () => {
    const responseHeaders = [['Content-Type', 'application/x-ndjson']] as const
    const { failures } = compare({ responseBody: '{"a":1,"a":2}\n', responseHeaders }, '{"a":2}\n')
    expect(failures).not.toEqual([])
  })
})
