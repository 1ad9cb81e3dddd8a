import { serialize } from 'node:v8'

import type { Call, Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { joinRecord, splitRecord } from './record-codec.ts'

function call(request: Value, response: Value): Call {
  return {
    id: 7,
    connection: 2,
    dependency: 'redis db:6379',
    protocol: 'redis',
    operation: 'GET',
    request,
    response,
    lifetime: 'test',
    state: 'complete',
    startedAt: 1_700_000_000_000.25,
    endedAt: 1_700_000_000_001.5,
    cause: { exchange: 3, certainty: 'ambiguous', among: [3, 4] },
  }
}

function again(one: Call): { readonly call: Call; readonly first: number | undefined } {
  const { head, bodies } = splitRecord({ type: 'call', id: one.id, startedAt: one.startedAt, call: one })
  const body = Buffer.concat(bodies)
  const record = joinRecord(head, body)
  if (record.type !== 'call') throw new Error(`a call became ${record.type}`)
  return { call: record.call, first: body[0] }
}

const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom<Value>(null, true, '\ud800', '\u0000', -0, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 0.1),
    fc.uint8Array({ maxLength: 4 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '1')), tie('tree'), { maxKeys: 3 }),
  ),
}))

describe('calls in a journal', () => {
  it('come back as they were, whatever their trees hold', () => {
    fc.assert(
      fc.property(tree, tree, (request, response) => {
        const one = call(request, response)
        expect(again(one).call).toEqual(one)
      }),
      { numRuns: 500 },
    )
  })

  it('stand there as JSON where that loses nothing', () => {
    expect(again(call({ command: 'GET', args: ['ключ'] }, 'ü')).first).toBe(0x7b)
    expect(again(call({ command: 'GET', args: [new Uint8Array([255])] }, 'a')).first).toBe(0xff)
    expect(again(call(-0, 'a')).first).toBe(0xff)
  })

  it('are read from journals that have no JSON in them', () => {
    const one = call({ command: 'GET', args: ['a'] }, new Uint8Array([1, 2]))
    const head = JSON.stringify({ type: 'call', id: 7, startedAt: one.startedAt })
    expect(joinRecord(head, serialize(one))).toEqual({ type: 'call', id: 7, startedAt: one.startedAt, call: one })
  })
})
