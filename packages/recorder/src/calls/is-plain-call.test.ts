import type { Call, Value } from '@keploy-framework/format'
import { createRedactor, type Redactor } from '@keploy-framework/redact'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isPlainCall } from './is-plain-call.ts'
import { redactThoroughly } from './redact-call.ts'

function call(request: Value, response: Value): Call {
  return {
    id: 1,
    connection: 1,
    dependency: 'http api.test',
    protocol: 'http',
    operation: 'GET',
    request,
    response,
    lifetime: 'test',
    state: 'complete',
    startedAt: 1,
    endedAt: 2,
  }
}

const TOKEN = `ghp_${'a1B2'.repeat(9)}`
const SEEN = 'k7-8f3a9c1d"7e5b'
const PLAIN_SEEN = 'q9x-4d2f8a6c1b'
const CARD = '4111111111111111'

/** Pieces of which secrets, and what nearly is one, come about; where they meet there may be one that neither holds. */
const pieces: readonly (readonly string[])[] = [
  ['a', 'Ada', ' ', '=', ':', ': ', '"', '\\', '\\n', '\n', '\u0001', '\ud83d', '😀', '/', '?', '&', ';', '#', '{{'],
  ['password', 'token', 'cookie', 'secret', 'pin', 'authorization: Bearer ', 'a=1; b=2', 'key-', 'value', '{', '}'],
  [TOKEN, `npm_${'x9'.repeat(20)}`, `pm_${'x9'.repeat(20)}`, 'AKIA', 'ABCDEFGHIJKLMNOP', 'eyJhbGciOiJIUzI1NiJ9', '.'],
  [CARD, '4111 1111 1111 1111', '4111', '1111', '-----BEGIN ', 'PRIVATE KEY', '-----END ', '-----'],
  [
    'https://u:p4ss@h',
    '://',
    '@',
    '{{secret.1}}',
    '{{secret.!1}}',
    String.raw`\u007b{secret.1}}`,
    'grant_type=',
    'code=',
  ],
  [SEEN, PLAIN_SEEN, 'k7-8f3a9c1d', '7e5b', 'q9x-4d2f', '8a6c1b', Buffer.from(PLAIN_SEEN).toString('base64')],
  ['{"password":"', '{"a":"', '"}', '["', '"]', '<password>', '</password>', "insert into u (password) values ('"],
]
const piece = fc.constantFrom(...pieces.flat())
const text = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('a', 'Ada Lovelace', '/items/1', '{"id":1,"tags":["a"]}', 'x'.repeat(80)) },
  fc.array(piece, { maxLength: 5 }).map((some) => some.join('')),
  fc.array(piece, { maxLength: 3 }).map((some) => JSON.stringify({ a: some.join(''), b: [some.at(-1) ?? 1] })),
)
const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('id', 'name', 'tags', 'body', 'user', 'message', 'value', '__proto__') },
  fc.constantFrom('target', 'headers', 'trailers', 'sql', 'prepare', 'params', 'batch', 'command', 'args', 'commands'),
  fc.constantFrom('columns', 'rows', 'password', 'x-api-key', 'Cookie', 'pin'),
  text,
)
const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: text },
    fc.constantFrom<Value>(null, true, false, 1, 0.5, -0, 123456, 4_111_111_111_111_111, 1e21),
    fc.uint8Array({ maxLength: 3 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(text, text), { maxLength: 2 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 3 }),
    fc.record({
      command: fc.constantFrom('HSET', 'HGET', 'GET', 'HGETALL', 'HMGET'),
      args: fc.array(text, { maxLength: 4 }),
    }),
    fc.record({ sql: text, params: fc.array(tie('tree'), { maxLength: 2 }) }),
    fc.record({ target: text, headers: fc.dictionary(name, text, { maxKeys: 3 }), body: text }),
    fc.record({
      columns: fc.array(fc.record({ name }), { maxLength: 2 }),
      rows: fc.array(fc.array(tie('tree')), { maxLength: 2 }),
    }),
  ),
}))

const redactors: readonly (() => Redactor)[] = [
  () => createRedactor(),
  () => knowing(createRedactor(), PLAIN_SEEN),
  () => knowing(createRedactor(), SEEN),
  () => knowing(createRedactor(), '123456,123456'),
  () => createRedactor({ keys: ['message'] }),
  () => createRedactor({ keys: ['name'], headers: ['x-own'] }),
  () => createRedactor({ patterns: ['Ada.*'] }),
  () => createRedactor({ jsonPaths: ['request.tags'] }),
]

function knowing(redactor: Redactor, secret: string): Redactor {
  redactor.learn(secret, { kind: 'password' })
  return redactor
}

/** What is found only as a whole, only as JSON, or only because of the letters of an escape. */
const nearMisses: readonly [Value, Value, () => Redactor][] = [
  [{ list: ['k7-8f3a9c1d', '7e5b'] }, null, () => knowing(createRedactor(), 'k7-8f3a9c1d","7e5b')],
  [{ list: [123456, 123456] }, null, () => knowing(createRedactor(), '123456,123456')],
  [{ list: [`\npm_${'x9'.repeat(20)}`] }, null, () => createRedactor()],
  [{ body: '{"password":["hunter22x"]}' }, null, () => createRedactor()],
  [{ body: `[{"a":"{\\"password\\":[\\"hunter22x\\"]}"}]` }, null, () => createRedactor()],
  [{ command: 'HGET', args: ['u', 'password'] }, 'hunter22x', () => createRedactor()],
  [{ sql: "update u set password = 'hunter22x'" }, null, () => createRedactor()],
  [{ sql: 'update u set password = $1', batch: [['hunter22x']] }, null, () => createRedactor()],
  [{ columns: ['password'], rows: [['hunter22x']] }, null, () => createRedactor()],
  [{ target: '/a?token=hunter22x' }, null, () => createRedactor()],
  [{ target: '/a;jsessionid=hunter22x' }, null, () => createRedactor()],
  [{ id: 1_234_567_890_123 }, null, () => knowing(createRedactor(), '1234567890123')],
]

describe('the quick look at calls', () => {
  it('never passes over what a thorough search changes', { timeout: 60_000 }, () => {
    let plain = 0
    fc.assert(
      fc.property(tree, tree, fc.constantFrom(...redactors), (request, response, make) => {
        const redactor = make()
        const asked = call(request, response)
        if (!isPlainCall(redactor, asked)) return
        plain += 1
        expect(redactor.secretCount).toBe(0)
        const { value, unsafe } = redactThoroughly(redactor, asked)
        expect(value).toBe(asked)
        expect(unsafe).toBe(false)
        expect(redactor.secretCount).toBe(0)
      }),
      { numRuns: 3000, examples: [...nearMisses] },
    )
    expect(plain).toBeGreaterThan(100)
  })

  it.each<[string, Value, Value]>([
    [
      'an answer of HTTP',
      {
        method: 'GET',
        host: 'api.test',
        target: '/items/1?page=2',
        headers: { accept: '*/*', 'user-agent': 'a/1 (b; c)' },
      },
      {
        status: 200,
        headers: { date: 'Mon, 01 Jan 2024 00:00:00 GMT' },
        body: '{"id":1,"name":"name 1","total":12.5}',
      },
    ],
    ['an answer of Redis', { command: 'GET', args: ['user:1'] }, 'Ada'],
    [
      'a row of Postgres',
      { sql: "SELECT id, name FROM users WHERE id = $1 AND kind = 'a'", params: ['1'] },
      { columns: [{ name: 'id', type: 'int4' }], rows: [['1', null]], tag: 'SELECT 1' },
    ],
  ])('sees at once that there is no secret in %s', (_what, request, response) => {
    expect(isPlainCall(createRedactor(), call(request, response))).toBe(true)
    expect(isPlainCall(knowing(createRedactor(), PLAIN_SEEN), call(request, response))).toBe(true)
  })
})
