import { expect, test } from 'vitest'

import { tokenOfHeaders, tokenOfUpgrade } from './token-of-request.ts'

test.each([
  ['Bearer a.b.c', 'a.b.c'],
  ['bearer   a.b.c ', 'a.b.c'],
  ['Basic a.b.c', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [undefined, undefined],
])('Authorization %j holds %j', (authorization, token) => {
  expect(tokenOfHeaders({ authorization })).toBe(token)
})

test.each([
  [{ authorization: 'Bearer one' }, '/?access_token=three', 'one'],
  [{ 'sec-websocket-protocol': 'session-stream, bearer.two' }, '/?access_token=three', 'two'],
  [{}, '/?x=1&access_token=three', 'three'],
  [{ 'sec-websocket-protocol': 'session-stream' }, '/access_token=three', undefined],
])('a WebSocket request with %j to %s shows %j', (headers, target, token) => {
  expect(tokenOfUpgrade(headers, target)).toBe(token)
})
