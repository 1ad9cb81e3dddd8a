import { expect, test } from 'vitest'

import { LineParser } from '../index.ts'

test('lines are told as they end, the last one at the end of the stream', () => {
  const parser = new LineParser()
  expect(parser.push(Buffer.from('{"a":1}\r\n\n{"b'))).toEqual(['{"a":1}'])
  expect(parser.push(Buffer.from('":2}\n{"c":"\r"}'))).toEqual(['{"b":2}'])
  expect(parser.end()).toEqual(['{"c":"\r"}'])
})

test('a line past the limit stops the parser, whether it has ended or not', () => {
  for (const text of ['0123456789', '0123456789\n']) {
    const parser = new LineParser({ limit: 5 })
    expect(parser.push(Buffer.from(text))).toEqual([])
    expect(parser.overflowed).toBe(true)
    expect([...parser.push(Buffer.from('a\n')), ...parser.end()]).toEqual([])
  }
})
