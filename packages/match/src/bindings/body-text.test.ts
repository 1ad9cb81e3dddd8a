import type { HeaderList, StreamItem } from '@keploy-framework/format'
import { expect, test } from 'vitest'

import { bodyKind, bodyTexts } from './body-text.ts'

const kindOf = (type: string | undefined, text: string) => {
  const headers: HeaderList = type === undefined ? [] : [['Content-Type', type]]
  return bodyKind(headers, text)
}

test.each([
  ['application/json', 'x', 'json'],
  ['Application/JSON; charset=utf-8', 'x', 'json'],
  ['application/problem+json', 'x', 'json'],
  ['application/jsonlines', '{}', 'text'],
  ['application/x-www-form-urlencoded; charset=utf-8', 'a=b', 'form'],
  ['x-application/x-www-form-urlencoded', 'a=b', 'text'],
  ['text/plain', '{}', 'text'],
  [undefined, ' \n{}', 'json'],
  [undefined, '[]', 'json'],
  [undefined, 'a {}', 'text'],
  [undefined, '', 'text'],
])('a body of type %s that begins %j is read as %s', (type, text, kind) => {
  expect(kindOf(type, text)).toBe(kind)
})

test('a plain body has one text, and what is no text has none', () => {
  expect(bodyTexts({ type: 'text', text: 'a' })).toEqual(['a'])
  expect(bodyTexts({ type: 'text', text: '' })).toEqual([''])
  expect(bodyTexts({ type: 'empty' })).toEqual([])
  expect(bodyTexts({ type: 'binary', bytes: new Uint8Array([65]) })).toEqual([])
})

test('a stream has the texts of its items: data and ids of events, lines, messages', () => {
  const data: StreamItem['data'][] = [
    { type: 'sse', data: 'one', id: '7' },
    { type: 'sse', data: 'two' },
    { type: 'sse', id: '8' },
    { type: 'ndjson', line: '{"n":1}' },
    { type: 'text', text: 'hello' },
    { type: 'binary', bytes: new Uint8Array([65]) },
  ]
  const items = data.map((each): StreamItem => ({ at: 0, from: 'server', data: each }))
  expect(bodyTexts({ type: 'stream', kind: 'sse', items })).toEqual(['one', '7', 'two', '8', '{"n":1}', 'hello'])
})
