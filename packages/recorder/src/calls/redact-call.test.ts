import type { Call, Value } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { redactCall } from './redact-call.ts'

function call(request: Value, response: Value): Call {
  return {
    protocol: 'postgres',
    id: 1,
    connection: 1,
    dependency: 'postgres db:5432',
    operation: 'SELECT',
    request,
    response,
    lifetime: 'test',
    state: 'complete',
    startedAt: 0,
    endedAt: 1,
  }
}

describe('a call without its secrets', () => {
  it('knows what stands in a column by its name', () => {
    const { value, unsafe } = redactCall(
      createRedactor(),
      call(
        { sql: 'SELECT * FROM users', params: ['ada'] },
        {
          columns: [{ name: 'name' }, { name: 'password' }],
          rows: [
            ['ada', 'correct horse battery'],
            ['bob', null],
          ],
        },
      ),
    )
    expect(unsafe).toBe(false)
    expect(value.request).toEqual({ sql: 'SELECT * FROM users', params: ['ada'] })
    expect(value.response).toEqual({
      columns: [{ name: 'name' }, { name: 'password' }],
      rows: [
        ['ada', '{{secret.1}}'],
        ['bob', null],
      ],
    })
  })

  it('cleans header lines and targets, and finds what was seen before', () => {
    const redactor = createRedactor()
    const first = redactCall(
      redactor,
      call(
        { target: '/v1?api_key=sk-live-1234567890abcdef', headers: [['Authorization', 'Bearer tok-8f3a9c1d7e5b2f46']] },
        null,
      ),
    ).value
    expect(JSON.stringify(first.request)).not.toMatch(/1234567890abcdef|8f3a9c1d7e5b2f46/)
    const second = redactCall(redactor, call({ args: ['tok-8f3a9c1d7e5b2f46'] }, { text: 'no secret' })).value
    expect(JSON.stringify(second.request)).not.toContain('8f3a9c1d7e5b2f46')
    expect(second.response).toEqual({ text: 'no secret' })
  })

  it('leaves placeholders in targets and header lines that are filled again', () => {
    const headers = [
      ['Authorization', 'Bearer tok-8f3a9c1d7e5b2f46'],
      ['Accept', 'a'],
    ]
    const { value } = redactCall(createRedactor(), call({ target: '/v1?api_key=sk-live-1234', headers }, null))
    expect(value.request).toEqual({
      target: '/v1?api_key={{secret.1}}',
      headers: [
        ['Authorization', 'Bearer {{secret.2}}'],
        ['Accept', 'a'],
      ],
    })
  })

  it('finds in a target what only the body beside it shows to be a secret', () => {
    const body = JSON.stringify({ token: 'k7-8f3a9c1d7e5b' })
    const { value } = redactCall(
      createRedactor(),
      call({ target: '/reset/k7-8f3a9c1d7e5b', trailers: [['x-a', 'k7-8f3a9c1d7e5b']], body }, null),
    )
    expect(value.request).toEqual({
      target: '/reset/{{secret.1}}',
      trailers: [['x-a', '{{secret.1}}']],
      body: '{"token":"{{secret.1}}"}',
    })
  })

  it('replaces a key that was cut, and nothing behind its text', () => {
    const body = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow'
    const { value, unsafe } = redactCall(createRedactor(), call({ body, after: ['b', '-----BEGIN '] }, 'PRIVATE KEY'))
    expect(unsafe).toBe(false)
    expect(value.request).toEqual({ body: '{{secret.1}}', after: ['b', '-----BEGIN '] })
  })

  it('replaces a secret that is the name of a field', () => {
    const token = `ghp_${'a1'.repeat(16)}`
    const { value } = redactCall(createRedactor(), call({ seen: { [token]: 1, other: 2 } }, null))
    expect(value.request).toEqual({ seen: { '{{secret.1}}': 1, other: 2 } })
  })

  it('keeps nothing of a tree in which a secret reaches over the end of a value', () => {
    const redactor = createRedactor()
    redactor.learn('first1","second', { kind: 'password' })
    const { value, unsafe } = redactCall(redactor, call({ list: ['first1', 'second'] }, 1))
    expect([value.request, unsafe]).toEqual([{}, true])
  })

  it('gives back the same call when there is nothing to clean', () => {
    const plain = call({ args: ['a', new Uint8Array([1, 2, 255])] }, { ok: true })
    expect(redactCall(createRedactor(), plain).value).toBe(plain)
  })

  it('keeps bytes apart by where they stand', () => {
    const tree = {
      a: new Uint8Array([200, 1]),
      list: [new Uint8Array([201, 2]), 'x'],
      password: 'correct horse battery',
    }
    const { value } = redactCall(createRedactor(), call(tree, null))
    expect(value.request).toEqual({ ...tree, password: '{{secret.1}}' })
  })

  const SECRET = 'correct horse'
  it.each<[string, Value, Value]>([
    ['parameters of an update', { sql: 'update users set "password" = $2 where id = $1', params: [7, SECRET] }, null],
    ['parameters of an insert', { sql: 'INSERT INTO u (id, password) VALUES (?, ?)', params: ['a?', SECRET] }, null],
    ['a parameter in a function', { sql: "select 1 from u where password = crypt($1, 'bf')", params: [SECRET] }, null],
    ['rows of a batch', { sql: 'insert into u (id, reset_token) values (?, ?)', batch: [[1, SECRET]] }, null],
    ['literals of an insert', { sql: `insert into u (id, password) values ('a, (b', '${SECRET}')` }, null],
    ['the password of a role', { sql: `create role app login password '${SECRET}'` }, null],
    ['fields of a hash', { command: 'HSET', args: ['user:1', 'name', 'Ada', 'password', SECRET, 'digest', 'abc'] }, 1],
    ['what HGET answers', { command: 'HGET', args: ['user:1', 'password'] }, SECRET],
    ['what HGETALL answers', { command: 'HGETALL', args: ['user:1'] }, ['name', 'Ada', 'password', SECRET]],
    [
      'a column that is named like one',
      { sql: `select '${SECRET}' from u where password = $1`, params: [SECRET] },
      null,
    ],
    ['a field that is named like one', { command: 'HSET', args: ['u', 'password', SECRET, SECRET, 'a'] }, null],
    ['commands of a transaction', { commands: [{ command: 'HSET', args: ['u', 'password', SECRET] }] }, null],
  ])('knows %s by the name that stands beside them', (_what, request, response) => {
    const { value, unsafe } = redactCall(createRedactor(), call(request, response))
    expect(unsafe).toBe(false)
    const fill = (tree: Value): unknown => JSON.parse(JSON.stringify(tree).replaceAll('{{secret.1}}', SECRET))
    expect(JSON.stringify(value)).toContain('{{secret.1}}')
    expect(JSON.stringify(value)).not.toContain(SECRET)
    expect([fill(value.request), fill(value.response ?? null)]).toEqual([request, response])
  })

  it('keeps the shape of any tree, and its bytes', { timeout: 60_000 }, () => {
    const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Value[]>(null, 1, true, 'a', '__proto__', 'insert into a (b) values ($1, ?)', 'HSET', 'b = $9'),
        fc.uint8Array({ maxLength: 4 }),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'sql',
            'params',
            'batch',
            'command',
            'args',
            'rows',
            'columns',
            'name',
            '__proto__',
            'headers',
          ),
          tie('tree'),
          { maxKeys: 5 },
        ),
      ),
    }))
    fc.assert(
      fc.property(tree, tree, (request, response) => {
        // A secret elsewhere makes it put the tree together again.
        const noisy = call({ tree: request, password: SECRET }, { tree: response, password: SECRET })
        const { value } = redactCall(createRedactor(), noisy)
        expect(value.request).toEqual({ tree: request, password: '{{secret.1}}' })
        expect(value.response).toEqual({ tree: response, password: '{{secret.1}}' })
      }),
      { numRuns: 300 },
    )
  })
})
