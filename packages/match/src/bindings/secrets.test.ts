import type { SecretRecord, TestRequest } from '@keploy-framework/format'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../../test/make-test.ts'
import { BindingTable } from './binding-table.ts'
import { planBindings } from './plan-bindings.ts'

const at = { where: 'body.token', key: 'token' }

function tableWith(values: Record<number, string>, secrets: SecretRecord[] = []): BindingTable {
  return new BindingTable(planBindings([]), { lookup: (number) => values[number], secrets })
}

function record(number: number, kind: string, jwt?: SecretRecord['jwt']): SecretRecord {
  return { number, kind, firstSeen: '', ...(jwt === undefined ? {} : { jwt }) }
}

function fill(table: BindingTable, changes: Partial<TestRequest>): TestRequest {
  return table.substituteRequest({ ...makeTest({ name: 'x' }).request, ...changes }).request
}

function body(table: BindingTable, text: string, type = 'application/json'): string {
  const request = fill(table, { headers: [['Content-Type', type]], body: { type: 'text', text } })
  return request.body.type === 'text' ? request.body.text : ''
}

describe('a secret is written as its place demands', () => {
  const table = tableWith({ 1: 'a+b/c d"é', 2: 'ann:pw', 3: 'YW5uOnB3' })
  const percent = encodeURIComponent('a+b/c d"é')

  test.each([
    ['/hooks/{{secret.1}}:send?x=%zz', `/hooks/${percent}:send?x=%zz`],
    ['/q?a=b:c&key=x-{{secret.1}}', `/q?a=b:c&key=x-${percent}`],
    ['/q?{{secret.1}}', `/q?${percent}`],
  ])('in the URL %s', (url, expected) => {
    expect(fill(table, { url }).url).toBe(expected)
  })

  test('in forms', () => {
    const form = 'application/x-www-form-urlencoded'
    expect(body(table, 'user=a+b&password={{secret.1}}', form)).toBe(`user=a+b&password=${percent}`)
  })

  test('in JSON, also where JSON stands in a string of it', () => {
    expect(body(table, '{"p":"x {{secret.1}}","{{secret.2}}":1}')).toBe(String.raw`{"p":"x a+b/c d\"é","ann:pw":1}`)
    const nested = JSON.parse(body(table, String.raw`{"event":"{\"p\":\"{{secret.1}}\"}"}`)) as { event: string }
    expect(JSON.parse(nested.event)).toEqual({ p: 'a+b/c d"é' })
  })

  test('in headers as it is, in the query of a URL there encoded', () => {
    const headers = [
      ['X-Api-Key', '{{secret.1}}'],
      ['Referer', 'http://h/a?token={{secret.1}}'],
      ['Cookie', 'a={{secret.1}}; b={{secret.3}}'],
      ['Authorization', 'Basic {{secret.2}}'],
      ['Proxy-Authorization', 'Basic {{secret.3}}'],
    ] as const
    expect(fill(table, { headers }).headers.map(([, value]) => value)).toEqual([
      'a+b/c d"é',
      `http://h/a?token=${percent}`,
      'a=a+b/c%20d%22%C3%A9; b=YW5uOnB3',
      'Basic YW5uOnB3',
      'Basic YW5uOnB3',
    ])
  })

  test('without quotes where it was a number', () => {
    const numbers = tableWith({ 1: '1234', 2: 'no number' }, [record(1, 'pin (number)'), record(2, 'pin (number)')])
    expect(body(numbers, '{"pin":"{{secret.1}}","all":["{{secret.1}}"],"text":"pin {{secret.1}}"}')).toBe(
      '{"pin":1234,"all":[1234],"text":"pin 1234"}',
    )
    expect(body(numbers, '{"pin":"{{secret.2}}"}')).toBe('{"pin":"no number"}')
    expect(numbers.isSecretNumber('{{secret.1}}')).toBe(true)
    expect(numbers.isSecretNumber('pin {{secret.1}}')).toBe(false)
    expect(tableWith({}).isSecretNumber('{{secret.1}}')).toBe(false)
  })
})

describe('text that only looks like a placeholder', () => {
  const table = tableWith({ 1: 'hunter2' })

  test('is sent as it was', () => {
    expect(fill(table, { url: '/a/{{secret.!1}}?q={{secret.!!1}}&{{secret.!1}}' }).url).toBe(
      '/a/{{secret.1}}?q={{secret.!1}}&{{secret.1}}',
    )
    expect(body(table, '{"a":"{{secret.!1}} {{secret.1}} {{secret.01}}"}')).toBe(
      '{"a":"{{secret.1}} hunter2 {{secret.01}}"}',
    )
    expect(fill(table, { headers: [['X-A', '{{secret.!1}}']] }).headers[0]?.[1]).toBe('{{secret.1}}')
    expect(table.substituteText('hi {{secret.!1}}').text).toBe('hi {{secret.1}}')
  })

  test('is none where it comes from decoding', () => {
    const url = '/a/%7B%7Bsecret.1%7D%7D?q=%7B%7Bsecret.1%7D%7D'
    expect(fill(table, { url }).url).toBe(url)
    expect(body(table, 'a=%7B%7Bsecret.1%7D%7D', 'application/x-www-form-urlencoded')).toBe('a=%7B%7Bsecret.1%7D%7D')
  })

  test('is compared as the text that it was', () => {
    expect(table.expect('{{secret.!1}}', '{{secret.1}}', at)).toBe('equal')
    expect(table.expect('{{secret.!1}}', '{{secret.!1}}', at)).toBe('mismatch')
    expect(table.expect('a {{secret.!1}}: {{secret.4}}', 'a {{secret.1}}: live', at)).toBe('bound')
    expect(table.secret(4)).toBe('live')
  })
})

describe('a live secret', () => {
  test('is kept decoded, and found in every writing', () => {
    const table = tableWith({})
    const location = { where: 'header.Location', key: 'Location' }
    expect(table.expect('/in?token={{secret.1}}&x=1', '/in?token=a%2Bb%20c&x=1', location)).toBe('bound')
    expect(table.secret(1)).toBe('a+b c')
    for (const live of ['/x?t=a%2Bb%20c', '/x?t=a%2Bb+c', '/x?t=a+b c']) {
      expect(table.expect('/x?t={{secret.1}}', live, at)).toBe('equal')
    }
    expect(table.expect('/x?t={{secret.1}}', '/x?t=a%2Bb', at)).toBe('mismatch')
  })

  test('of a cookie goes back as the service wrote it', () => {
    const table = tableWith({})
    expect(table.expect('{{secret.1}}', 's%3Aab%2Fc', { where: 'header.Set-Cookie.sid', key: 'sid' })).toBe('bound')
    expect(table.secret(1)).toBe('s:ab/c')
    expect(fill(table, { headers: [['Cookie', 'sid={{secret.1}}']] }).headers[0]?.[1]).toBe('sid=s%3Aab%2Fc')
  })

  test('beside another is told apart when it is known', () => {
    const table = tableWith({})
    expect(table.expect('{{secret.1}}{{secret.2}}', 'onetwo', at)).toBe('mismatch')
    table.expect('{{secret.1}}', 'one', at)
    expect(table.expect('{{secret.1}}{{secret.2}}', 'onetwo', at)).toBe('bound')
    expect(table.secret(2)).toBe('two')
  })

  test('may stand beside an id', () => {
    const uuid = 'aaaaaaaa-8a4d-4f1e-9b7a-2c6d5e4f3a21'
    const live = '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21'
    const table = new BindingTable(planBindings([makeTest({ name: 'a', responseBody: { id: uuid } })]))
    table.expect(uuid, live, { where: 'body.id', key: 'id' })
    const location = { where: 'header.Location', key: 'Location' }
    expect(table.expect(`/u/${uuid}?t={{secret.1}}`, `/u/${live}?t=x`, location)).toBe('bound')
    expect(table.expect(`/u/${uuid}?t={{secret.1}}`, `/u/${uuid}?t=x`, location)).toBe('mismatch')
  })

  test('teaches nothing in a place that differs', () => {
    const table = tableWith({ 2: 'two' })
    table.secret(2)
    expect(table.expect('{{secret.1}} {{secret.2}}', 'one other', at)).toBe('mismatch')
    expect(table.secret(1)).toBeUndefined()
  })
})

describe('a JWT', () => {
  const jwt = (header: object, claims: object): string =>
    [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.c2ln'
  const header = { alg: 'HS256', typ: 'JWT', kid: 'one' }
  const claims = { iss: 'http://localhost:8000/auth', aud: ['web'], scope: 'read', exp: 1, iat: 1 }
  const secrets = [record(1, 'JWT', { header, claims })]

  test.each([
    ['other people and times', header, { ...claims, sub: 'bob', email: 'b@x', exp: 5, iat: 4 }, undefined],
    ['a rotated key', { ...header, kid: 'two' }, claims, undefined],
    ['another host', header, { ...claims, iss: 'http://127.0.0.1:9/auth' }, undefined],
    ['another algorithm', { ...header, alg: 'none' }, claims, 'another "alg" in its header'],
    ['more rights', header, { ...claims, scope: 'read write' }, 'another "scope"'],
    ['new rights', header, { ...claims, roles: ['admin'] }, 'another "roles"'],
    ['another audience', header, { ...claims, aud: ['web', 'app'] }, 'another "aud"'],
    ['no end', header, { ...claims, exp: undefined }, 'another kind of "exp"'],
  ])('may stand for a recorded one with %s, or not', (_name, liveHeader, liveClaims, reason) => {
    const table = tableWith({}, secrets)
    const found = table.expect('{{secret.1}}', jwt(liveHeader, liveClaims), at)
    expect([found, table.reason]).toEqual(
      reason === undefined ? ['bound', ''] : ['mismatch', `secret 1 is a JWT with ${reason}`],
    )
  })
})

describe('a value that a failed test should have shown', () => {
  const tests = [
    makeTest({
      name: 'make',
      method: 'POST',
      url: 'http://h/users',
      status: 201,
      responseBody: { id: 7, key: '{{secret.1}}' },
    }),
    makeTest({ name: 'use', url: 'http://h/users/7', headers: [['X-Key', '{{secret.1}}']] }),
  ]

  test('is lost to the requests that need it, until a test shows it', () => {
    const table = new BindingTable(planBindings(tests))
    const use = tests[1] as (typeof tests)[0]
    table.beginTest('make').fail()
    const first = table.substituteRequest(use.request)
    expect(first.lost).toEqual([{ test: 'make', where: 'body.id' }])
    expect(first.missing).toEqual([1])
    expect(table.lostSecret(1)).toEqual({ test: 'make', where: 'body.key' })
    expect(table.lostSecret(2)).toBeUndefined()
    table.beginTest('make')
    expect(table.substituteRequest(use.request).lost).toEqual([])
    expect(table.expect(7, 9, { where: 'body.id', key: 'id', entity: 'user' })).toBe('bound')
    table.beginTest('make').fail()
    expect(table.substituteRequest(use.request).lost).toEqual([])
  })

  test('is not taken from a text that differs', () => {
    const uuid = 'aaaaaaaa-8a4d-4f1e-9b7a-2c6d5e4f3a21'
    const live = '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21'
    const table = new BindingTable(planBindings([makeTest({ name: 'a', responseBody: { id: uuid } })]))
    table.beginTest('a')
    expect(table.expect(`${uuid} by bob`, `${live} by eve`, { where: 'body.note', key: 'note' })).toBe('mismatch')
    expect(table.list()).toEqual([])
  })
})
