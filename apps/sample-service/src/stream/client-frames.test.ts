import { expect, test } from 'vitest'

import { readClientFrame } from './client-frames.ts'

const read = (text: string) => readClientFrame({ data: Buffer.from(text), isBinary: false })

test.each([
  ['text that is no JSON', '{"type":', 'INVALID_JSON', null],
  ['nothing', '', 'INVALID_JSON', null],
  ['no object', '[1]', 'UNKNOWN_TYPE', null],
  ['null', 'null', 'UNKNOWN_TYPE', null],
  ['no type', '{"id":"x"}', 'UNKNOWN_TYPE', 'x'],
  ['a type that nobody knows', '{"type":"dance","id":"x"}', 'UNKNOWN_TYPE', 'x'],
  ['a type that objects have', '{"type":"constructor"}', 'UNKNOWN_TYPE', null],
  ['a message without an id', '{"type":"message","message":"x"}', 'VALIDATION_ERROR', null],
  ['a message without text', '{"type":"message","id":"x"}', 'VALIDATION_ERROR', 'x'],
  ['an empty message', '{"type":"message","id":"x","message":""}', 'VALIDATION_ERROR', 'x'],
  ['an id that is no text', '{"type":"message","id":7,"message":"x"}', 'VALIDATION_ERROR', null],
  ['a long id', `{"type":"ping","id":"${'x'.repeat(200)}"}`, 'VALIDATION_ERROR', 'x'.repeat(100)],
  [
    'deep JSON',
    `{"type":"ui_state","mode":"full","state":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
    'VALIDATION_ERROR',
    null,
  ],
  ['a state of no mode', '{"type":"ui_state","id":"x","mode":"half","state":{}}', 'VALIDATION_ERROR', 'x'],
])('WebSocket, protocol errors: %s is refused with a code', (_name, text, error_code, id) => {
  expect(read(text)).toMatchObject({ refusal: { type: 'error', error_code, id, error: expect.any(String) } })
})

test('WebSocket, protocol errors: a refusal names every field that is wrong', () => {
  expect(read('{"type":"ui_state","id":"u","mode":"half","state":{"a b":1}}')).toMatchObject({
    refusal: { id: 'u', details: [{ loc: ['mode'] }, { loc: ['state', 'a b'] }] },
  })
})

test('a message has the defaults of POST /v1/session/message, and may be as large and as unusual', () => {
  expect(read('{"type":"message","id":"m","message":"Zoë 🎲","session_id":"of somebody else","unknown":1}')).toEqual({
    frame: { type: 'message', id: 'm', message: 'Zoë 🎲', attachments: [], metadata: {}, persona_id: null },
  })
})

test('bytes are read as UTF-8, or not at all', () => {
  expect(readClientFrame({ data: Buffer.from('{"type":"ping"}'), isBinary: true })).toEqual({ frame: { type: 'ping' } })
  const broken = readClientFrame({ data: Buffer.from([0x22, 0xc3, 0x28, 0x22]), isBinary: true })
  expect(broken).toMatchObject({ refusal: { error_code: 'INVALID_UTF8', error: 'The binary message is not UTF-8' } })
})
