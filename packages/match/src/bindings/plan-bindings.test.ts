import { describe, expect, test } from 'vitest'

import { makeTest } from '../../test/make-test.ts'
import type { Sketch } from '../../test/make-test.ts'
import type { BindingPlan } from './binding-plan.ts'
import { planBindings } from './plan-bindings.ts'

const UUID = '3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const AT = Date.UTC(2025, 9, 28, 14)

function planned(...sketches: Sketch[]): string[] {
  return names(planBindings(sketches.map(makeTest)))
}

function names(plan: BindingPlan): string[] {
  return [...plan.values.values()].map(({ recorded, entity }) =>
    entity === undefined ? recorded : `${entity} ${recorded}`,
  )
}

describe('values in a generated form', () => {
  test('are planned wherever a response shows them', () => {
    const body = { id: UUID, at: '2025-10-28T14:00:00Z', text: `Session ${UUID} created`, plain: 'active', count: 3 }
    expect(planned({ name: 'a', method: 'POST', responseBody: body })).toEqual([UUID, '2025-10-28T14:00:00Z'])
  })

  test('are the client’s own when it sent them first', () => {
    const body = JSON.stringify({ requestId: UUID, due: '2025-12-24T18:00:00.000Z' })
    expect(
      planned({ name: 'a', method: 'POST', body, responseBody: { requestId: UUID, due: '2025-12-24T18:00:00.000Z' } }),
    ).toEqual([])
    expect(
      planned({
        name: 'b',
        url: `http://h/things/${UUID}`,
        status: 404,
        responseBody: { detail: `${UUID} not found` },
      }),
    ).toEqual([])
  })

  test('are generated under another field when a coarse date only happens to equal the client’s', () => {
    const body = JSON.stringify({ date: '2025-10-28' })
    const plan = planBindings([
      makeTest({ name: 'a', method: 'POST', body, responseBody: { date: '2025-10-28', created: '2025-10-28' } }),
    ])
    expect([...(plan.values.get('2025-10-28')?.clientKeys ?? [])]).toEqual(['date'])
  })

  test.each([
    ['2025-10-28T14:00:00Z', true],
    ['2025-10-28T14:00:00+02:00', true],
    // Equal to a fraction of a second, or no time at all: that is no chance.
    ['2025-10-28T14:00:00.123Z', false],
    ['2025-10-28T14:00:00,123Z', false],
    [UUID, false],
  ])('the client’s %s, shown under another field: generated there is %s', (value, generated) => {
    const body = JSON.stringify({ wanted_at: value })
    const sketch = { name: 'a', method: 'POST', at: AT, body, responseBody: { created_at: value } }
    expect(planned(sketch)).toEqual(generated ? [value] : [])
  })

  test.each(['HEAD', 'OPTIONS', 'GET'])('%s changes nothing, and so stores nothing of what it asks for', (method) => {
    const plan = planBindings([makeTest({ name: 'a', method, responseBody: { id: UUID } })])
    expect([...(plan.values.get(UUID)?.storedKeys ?? [])]).toEqual([])
    const changing = planBindings([makeTest({ name: 'a', method: 'PUT', responseBody: { id: UUID } })])
    expect([...(changing.values.get(UUID)?.storedKeys ?? [])]).toEqual(['id'])
  })

  test('do not include dates that are data: far from the recording, in a field that names no moment', () => {
    const responseBody = { birthday: '1990-05-01', release: '2010-05-01', expires_at: '2030-05-01', seen: '2025-10-28' }
    expect(planned({ name: 'a', at: AT, responseBody })).toEqual(['2030-05-01', '2025-10-28'])
  })

  test('do not include past days and midnights, whatever their field: no clock that stores a moment strikes them', () => {
    const responseBody = {
      created_at: '2017-07-03T00:00:00.000Z',
      printed_on: '2019-02-11',
      updated_at: '2017-07-03T10:23:45.123Z',
      expires_on: '2026-10-28T00:00:00Z',
      seen_on: '2025-10-28T00:00:00Z',
    }
    expect(planned({ name: 'a', at: AT, responseBody })).toEqual([
      '2017-07-03T10:23:45.123Z',
      '2026-10-28T00:00:00Z',
      '2025-10-28T00:00:00Z',
    ])
  })

  test('are found in headers, texts, streams and cookies', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(7) + UUID.slice(7)) as [
      string,
      string,
      string,
      string,
    ]
    const headers = [
      ['X-Thing', a],
      ['Set-Cookie', `sid=${b}; Path=/`],
      ['Content-Type', 'text/html'],
    ] as const
    const ws = { at: 0, from: 'server', data: { type: 'text', text: `{"id":"${d}"}` } } as const
    const plan = planBindings([
      makeTest({
        name: 'a',
        responseHeaders: headers,
        responseBody: `<p>${c}</p>`,
        stream: { kind: 'websocket', items: [ws] },
      }),
    ])
    expect(names(plan)).toEqual([a, b, c, d])
  })
})

describe('values that flow from a response into a request', () => {
  test('are planned when they look like nothing an ordinary field holds', () => {
    const created = {
      name: 'a',
      method: 'POST',
      responseBody: { code: '15ftgG', id: 'session-12345', status: 'active' },
    }
    expect(
      planned(created, { name: 'b', url: 'http://h/15ftgG' }, { name: 'c', url: 'http://h/sessions/session-12345' }),
    ).toEqual(['15ftgG', 'session-12345'])
    expect(planned(created)).toEqual([])
  })

  test('are not planned by chance: words, counts, versions and regions stay what they are', () => {
    const first = {
      name: 'a',
      method: 'POST',
      responseBody: { status: 'active', page: 2, region: 'us-east-1', ok: true, version: 'v1.2' },
    }
    const second = { name: 'b', url: 'http://h/v1.2/us-east-1?status=active&page=2&region=us-east-1&ok=true' }
    expect(planned(first, second)).toEqual([])
  })

  test('are not planned when a request only happens to hold the same text in a field of another kind', () => {
    const models = { name: 'a', responseBody: [{ id: 'gpt-4o' }] }
    expect(planned(models, { name: 'b', method: 'POST', body: '{"model":"gpt-4o"}' })).toEqual([])
    expect(planned(models, { name: 'b', method: 'POST', body: '{"model_id":"gpt-4o"}' })).toEqual(['gpt-4o'])
    const text = {
      name: 'b',
      method: 'POST',
      headers: [['Content-Type', 'text/plain']] as const,
      body: 'ask gpt-4o now',
    }
    expect(planned(models, text)).toEqual([])
  })

  test('take a short id only in its own positions, after a creating request', () => {
    const create = { name: 'a', method: 'POST', url: 'http://h/users', responseBody: { id: 7, age: 7 } }
    expect(planned(create, { name: 'b', url: 'http://h/users/7' })).toEqual(['user 7'])
    expect(planned(create, { name: 'b', url: 'http://h/posts?user_id=7' })).toEqual(['user 7'])
    expect(planned(create, { name: 'b', method: 'POST', url: 'http://h/posts', body: '{"userId":7}' })).toEqual([
      'user 7',
    ])
    expect(planned(create, { name: 'b', url: 'http://h/orders/7' })).toEqual([])
    expect(planned(create, { name: 'b', url: 'http://h/users?page=7' })).toEqual([])
    expect(planned({ ...create, method: 'GET' }, { name: 'b', url: 'http://h/users/7' })).toEqual([])
  })

  test('take a short id that nobody asks for when Location confirms it', () => {
    const create = { name: 'a', method: 'POST', url: 'http://h/users', status: 201, responseBody: { id: 7 } }
    const json = ['Content-Type', 'application/json'] as const
    expect(planned({ ...create, responseHeaders: [json, ['Location', '/users/7']] })).toEqual(['user 7'])
    expect(planned({ ...create, responseHeaders: [json, ['Location', '/users/8']] })).toEqual([])
  })

  test('keep user 1 and order 1 apart', () => {
    expect(
      planned(
        { name: 'a', method: 'POST', url: 'http://h/users', responseBody: { id: 1 } },
        {
          name: 'b',
          method: 'POST',
          url: 'http://h/orders',
          body: '{"user_id":1}',
          responseBody: { id: 1, user_id: 1 },
        },
        { name: 'c', url: 'http://h/orders/1' },
      ),
    ).toEqual(['user 1', 'order 1'])
  })

  test('include bearer tokens, cookies and entity tags', () => {
    const headers = [
      ['Set-Cookie', 'theme=dark, cart=c4rt99x; Path=/'],
      ['ETag', 'W/"a1"'],
      ['Content-Type', 'application/json'],
    ] as const
    const login = { name: 'a', method: 'POST', responseHeaders: headers, responseBody: { token: 'opaque77token' } }
    const use = { name: 'b', headers: [['Authorization', 'Bearer opaque77token']] as const }
    expect(planned(login, use)).toEqual(['W/"a1"', 'opaque77token'])
  })
})

describe('which test needs which', () => {
  const create = makeTest({ name: 'create', method: 'POST', url: 'http://h/things', responseBody: { id: UUID } })
  const get = makeTest({ name: 'get', url: `http://h/things/${UUID}`, responseBody: { id: UUID } })
  const remove = makeTest({ name: 'delete', method: 'DELETE', url: `http://h/things/${UUID}`, status: 204 })
  const gone = makeTest({ name: 'gone', url: `http://h/things/${UUID}`, status: 404 })
  const health = makeTest({ name: 'health', url: 'http://h/health' })

  test('follows the values, and what changing requests did to the same thing', () => {
    const plan = planBindings([health, create, get, remove, gone])
    expect(plan.producersOf(get)).toEqual(['create'])
    expect(plan.producersOf('delete')).toEqual(['create'])
    expect(plan.producersOf('gone')).toEqual(['create', 'delete'])
    expect(plan.producersOf('health')).toEqual([])
    expect(plan.producersOf('unknown')).toEqual([])
    expect(plan.chains).toEqual([['health'], ['create', 'get', 'delete', 'gone']])
  })

  test('follows what was done to a thing under another path', () => {
    const activate = makeTest({ name: 'activate', method: 'POST', url: `http://h/things/${UUID}/activate` })
    expect(planBindings([create, activate, get]).producersOf('get')).toEqual(['create', 'activate'])
    expect(planBindings([create, get, activate]).producersOf('activate')).toEqual(['create'])
  })

  test('follows a path that a client chose itself', () => {
    const put = makeTest({ name: 'put', method: 'PUT', url: 'http://h/notes/mine', body: '{}' })
    const read = makeTest({ name: 'read', url: 'http://h/notes/mine' })
    expect(planBindings([put, read]).producersOf('read')).toEqual(['put'])
  })

  test('follows secrets from the response that showed them', () => {
    const login = makeTest({
      name: 'login',
      method: 'POST',
      body: '{"password":"{{secret.1}}"}',
      responseBody: { token: '{{secret.2}}' },
    })
    const use = makeTest({ name: 'use', headers: [['Authorization', 'Bearer {{secret.2}}']] })
    const other = makeTest({ name: 'other', method: 'POST', body: '{"password":"{{secret.1}}"}' })
    const plan = planBindings([login, use, other])
    expect(plan.producersOf('use')).toEqual(['login'])
    expect(plan.producersOf('other')).toEqual([])
  })
})

test('planning the same tests twice gives the same plan', () => {
  const tests = [
    makeTest({ name: 'a', method: 'POST', url: 'http://h/users', responseBody: { id: 7, key: UUID } }),
    makeTest({ name: 'b', url: 'http://h/users/7' }),
  ]
  expect([...planBindings(tests).values]).toEqual([...planBindings(tests).values])
})

test('a body nested thousands of levels deep does no harm', () => {
  const responseBody = `${'{"a":'.repeat(9000)}"${UUID}"${'}'.repeat(9000)}`
  expect(planned({ name: 'a', responseBody })).toEqual([])
})
