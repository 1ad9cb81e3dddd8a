import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { encodeEvent, EventParser } from '../index.ts'
import type { ServerSentEvent } from '../index.ts'

function parse(bytes: Uint8Array, size = bytes.length): ServerSentEvent[] {
  const parser = new EventParser()
  const found: ServerSentEvent[] = []
  for (let at = 0; at < bytes.length; at += size) found.push(...parser.push(bytes.subarray(at, at + size)))
  return [...found, ...parser.end()]
}

describe('parsing', () => {
  test.each(['\n', '\r\n', '\r'])('lines may end with %j', (end) => {
    const text = ['event: a', 'data: 1', 'data:  2', 'id', 'retry: 5', 'other: x', '', 'data: y', '', ''].join(end)
    const expected = [{ event: 'a', data: '1\n 2', id: '', retry: '5' }, { data: 'y' }]
    expect(parse(Buffer.from(text))).toEqual(expected)
    expect(parse(Buffer.from(text), 1)).toEqual(expected)
  })

  test('a byte order mark is skipped, and comments are told', () => {
    expect(parse(Buffer.from('\ufeff: ping\n: pong\n\ndata: a\n\n'))).toEqual([
      { comment: 'ping\npong' },
      { data: 'a' },
    ])
  })

  test('bytes that are not UTF-8 become replacement characters', () => {
    expect(parse(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 10, 10]))).toEqual([{ data: '\ufffd' }])
  })

  test('an event that the end cuts off is told', () => {
    expect(parse(Buffer.from('data: [DONE]'))).toEqual([{ data: '[DONE]' }])
  })

  test('an event past the limit stops the parser', () => {
    for (const text of ['data: 0123456789', 'data: 1\ndata: 2\ndata: 3\n']) {
      const parser = new EventParser({ limit: 12 })
      expect(parser.push(Buffer.from(text))).toEqual([])
      expect(parser.overflowed).toBe(true)
      expect(parser.push(Buffer.from('\n\n'))).toEqual([])
      expect(parser.end()).toEqual([])
    }
  })
})

describe('encoding', () => {
  test('what is written is read again, however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\ufeff]/.test(text))
    const event = fc.record(
      { event: line, data: fc.array(line, { minLength: 1 }).map((lines) => lines.join('\n')), id: line, comment: line },
      { requiredKeys: ['data'] },
    )
    fc.assert(
      fc.property(fc.array(event), fc.integer({ min: 1, max: 9 }), (events, size) => {
        expect(parse(Buffer.from(events.map((one) => encodeEvent(one)).join('')), size)).toEqual(events)
      }),
    )
  })

  test('a line end inside a name cannot forge a field', () => {
    expect(parse(Buffer.from(encodeEvent({ event: 'a\ndata: forged', data: 'x' })))).toEqual([
      { event: 'a data: forged', data: 'x' },
    ])
  })
})
