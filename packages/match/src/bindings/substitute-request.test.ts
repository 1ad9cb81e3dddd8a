import type { TestRequest } from '@keploy-framework/format'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../../test/make-test.ts'
import { BindingTable } from './binding-table.ts'
import { planBindings } from './plan-bindings.ts'

const A = 'aaaaaaaa-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const X = '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21'

/** A table in which A stands for X, user 7 for 9, the token t0ken-42 for t0ken-99, and an ETag for another. */
function boundTable(lookup?: (number: number) => string | undefined): BindingTable {
  const json = ['Content-Type', 'application/json'] as const
  const first = makeTest({
    name: 'first',
    method: 'POST',
    url: 'http://h/users',
    responseHeaders: [json, ['ETag', '"v1"']],
    responseBody: { id: 7, key: A, token: 't0ken-42' },
  })
  const consumer = makeTest({
    name: 'second',
    url: 'http://h/users/7',
    headers: [['Authorization', 'Bearer t0ken-42']],
  })
  const table = new BindingTable(planBindings([first, consumer]), lookup === undefined ? {} : { lookup })
  table.beginTest('first')
  table.expect(7, 9, { where: 'body.id', key: 'id', entity: 'user' })
  table.expect(A, X, { where: 'body.key', key: 'key' })
  table.expect('t0ken-42', 't0ken-99', { where: 'body.token', key: 'token' })
  table.expect('"v1"', '"v2"', { where: 'header.ETag', key: 'ETag' })
  return table
}

function substitute(changes: Partial<TestRequest>, table = boundTable()): TestRequest {
  return table.substituteRequest({ ...makeTest({ name: 'x' }).request, ...changes }).request
}

function body(text: string, type = 'application/json'): string {
  const request = substitute({ url: 'http://h/users', headers: [['Content-Type', type]], body: { type: 'text', text } })
  return request.body.type === 'text' ? request.body.text : ''
}

describe('substituteRequest', () => {
  test.each([
    ['http://h/users/7?page=7&user_id=7', 'http://h/users/9?page=7&user_id=9'],
    [`/things/${A}/7#${A}`, `/things/${X}/7#${A}`],
    ['/users?id=7', '/users?id=9'],
    [`/q?filter=key%3D${A}%20ok&x=%zz`, `/q?filter=key%3D${X}%20ok&x=%zz`],
    ['/users/77/7%37', '/users/77/7%37'],
    ['/orders/7', '/orders/7'],
    ['http://h', 'http://h'],
  ])('puts live ids into the URL %s', (url, expected) => {
    expect(substitute({ url }).url).toBe(expected)
  })

  test('puts live values into headers and cookies', () => {
    const headers = [
      ['Authorization', 'Bearer t0ken-42'],
      ['Cookie', `theme=dark; key=${A}`],
      ['If-None-Match', 'W/"v0", "v1"'],
      ['X-Key', A],
      ['Referer', `http://h/users/7/${A}`],
      ['User-Agent', A],
    ] as const
    expect(substitute({ headers }).headers).toEqual([
      ['Authorization', 'Bearer t0ken-99'],
      ['Cookie', `theme=dark; key=${X}`],
      ['If-None-Match', 'W/"v0", "v2"'],
      ['X-Key', X],
      ['Referer', `http://h/users/9/${X}`],
      ['User-Agent', A],
    ])
  })

  test('keeps every byte of a JSON body but the values that change', () => {
    const text = `{ "user_id" : 7,\r\n "count":7, "n": 1.50e3, "list": [ {"user": {"id": 7}} , "\\u00e9" ],\t"note":"see ${A}", "ids":[7], "user_ids":[7,8], "${A}": null }`
    const expected = `{ "user_id" : 9,\r\n "count":7, "n": 1.50e3, "list": [ {"user": {"id": 9}} , "\\u00e9" ],\t"note":"see ${X}", "ids":[7], "user_ids":[9,8], "${X}": null }`
    expect(body(text)).toBe(expected)
  })

  test('leaves a body alone that holds nothing of it', () => {
    const request = { body: { type: 'text', text: '{"a": 1}' } as const }
    expect(substitute(request).body).toBe(request.body)
    expect(body('{"broken": ')).toBe('{"broken": ')
  })

  test('puts live values into forms, plain text, multipart fields and streams', () => {
    expect(body(`user_id=7&n=7&key=${A}&flag`, 'application/x-www-form-urlencoded')).toBe(`user_id=9&n=7&key=${X}&flag`)
    expect(body(`key ${A}, 7`, 'text/plain')).toBe(`key ${X}, 7`)
    const form = [{ key: 'user_id', values: ['7'], paths: [] }]
    expect(substitute({ form }).form).toEqual([{ key: 'user_id', values: ['9'], paths: [] }])
    const items = [
      { at: 0, from: 'client', data: { type: 'ndjson', line: `{"key":"${A}"}` } },
      { at: 0, from: 'client', data: { type: 'text', text: A } },
    ] as const
    expect(substitute({ body: { type: 'stream', kind: 'raw', items } }).body).toMatchObject({
      items: [{ data: { line: `{"key":"${X}"}` } }, { data: { text: X } }],
    })
    const bytes = { type: 'binary', bytes: new Uint8Array([1]) } as const
    expect(substitute({ body: bytes }).body).toBe(bytes)
  })

  test('makes Content-Length follow the body', () => {
    const table = boundTable(() => 'né')
    const text = '{"password":"{{secret.5}}"}'
    const request = substitute(
      {
        headers: [
          ['content-length', '27'],
          ['Content-Type', 'application/json'],
        ],
        body: { type: 'text', text },
      },
      table,
    )
    expect(request.body).toEqual({ type: 'text', text: '{"password":"né"}' })
    expect(request.headers[0]).toEqual(['content-length', '18'])
  })

  test('fills secrets everywhere, escaped as the place demands', () => {
    const table = boundTable((number) => (number === 1 ? 'a"b&c' : undefined))
    const request = {
      ...makeTest({ name: 'x' }).request,
      url: '/q?key={{secret.1}}',
      headers: [
        ['Authorization', 'Bearer {{secret.1}}'],
        ['Content-Type', 'application/json'],
      ] as const,
      body: { type: 'text', text: '{"a":"{{secret.1}}","b":"{{secret.2}}"}' } as const,
    }
    const { request: filled, missing, used } = table.substituteRequest(request)
    expect(filled.url).toBe('/q?key=a%22b%26c')
    expect(filled.headers[0]?.[1]).toBe('Bearer a"b&c')
    expect(filled.body).toEqual({ type: 'text', text: String.raw`{"a":"a\"b&c","b":"{{secret.2}}"}` })
    expect(missing).toEqual([2])
    expect(used).toEqual([{ recorded: '{{secret.1}}', live: '(secret)', form: 'secret', where: 'secret 1' }])
  })

  test('says what was put in', () => {
    const { used } = boundTable().substituteRequest({ ...makeTest({ name: 'x' }).request, url: `/users/7/${A}` })
    expect(used.map(({ recorded, live }) => `${recorded} → ${live}`)).toEqual(['7 → 9', `${A} → ${X}`])
  })

  test('does the same for messages', () => {
    expect(boundTable().substituteText(`{"key":"${A}","user_id":7}`)).toMatchObject({
      text: `{"key":"${X}","user_id":9}`,
      missing: [],
    })
    expect(boundTable().substituteText(`hello ${A}`).text).toBe(`hello ${X}`)
  })
})
