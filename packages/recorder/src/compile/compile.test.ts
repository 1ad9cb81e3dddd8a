import type { HttpExchange } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { RecorderError } from '../recorder-error.ts'
import { compile, Compiler, type CompileOptions } from './compile.ts'
import { curlLine } from './curl.ts'
import { baseName, givenName, TestNames } from './names.ts'
import { isIdSegment, routeTemplate, targetPath } from './route.ts'
import { suiteOf } from './suites.ts'

interface Sketch {
  readonly id?: number
  readonly at?: number
  readonly status?: number
  readonly headers?: [string, string][]
  readonly body?: string | Uint8Array
  readonly answer?: string | Uint8Array
  readonly state?: HttpExchange['state']
  readonly stream?: HttpExchange['stream']
  readonly responseHeaders?: [string, string][]
}

let lastId = 0
function exchange(method: string, target: string, sketch: Sketch = {}): HttpExchange {
  const id = sketch.id ?? ++lastId
  const at = sketch.at ?? 1_700_000_000_000 + id
  const bytes = (value: string | Uint8Array | undefined) => new Uint8Array(Buffer.from(value ?? ''))
  const request = bytes(sketch.body)
  const response = bytes(sketch.answer)
  return {
    protocol: 'http',
    id,
    connection: 1,
    state: sketch.state ?? 'complete',
    request: {
      method,
      target,
      version: '1.1',
      headers: [['Host', 'localhost:8000'], ...(sketch.headers ?? [])],
      trailers: [],
      body: { bytes: request, wireSize: request.length },
      startedAt: at,
      endedAt: at,
    },
    response: {
      status: sketch.status ?? 200,
      reason: 'OK',
      version: '1.1',
      headers: sketch.responseHeaders ?? [],
      trailers: [],
      body: { bytes: response, wireSize: response.length },
      startedAt: at + 1,
      endedAt: at + 2.5,
      interim: [],
    },
    ...(sketch.stream && { stream: sketch.stream }),
  }
}

const names = (exchanges: HttpExchange[], options?: CompileOptions) =>
  compile(exchanges, options).tests.map(({ test }) => test.name)

describe('the nine requests of a session service', () => {
  const uuid = 'b7e23ec2-9af1-4d3c-8a5e-0d3f2c1b4a5f'
  const requests = [
    exchange('GET', '/health'),
    exchange('GET', '/'),
    exchange('POST', '/api/v1/sessions', { status: 201 }),
    exchange('POST', '/api/v1/sessions', { status: 201 }),
    exchange('GET', `/api/v1/sessions/${uuid}`),
    exchange('GET', '/api/v1/sessions'),
    exchange('DELETE', `/api/v1/sessions/${uuid}`, { status: 204 }),
    exchange('GET', '/api/v1/sessions/invalid', { status: 404 }),
    exchange('POST', '/api/v1/sessions', { status: 422 }),
  ]

  it('get readable names and suites', () => {
    const { tests, skipped } = compile(requests, { keep: ['health'] })
    expect(tests.map(({ test }) => `${test.annotations.suite}: ${test.name}`)).toEqual([
      'Health & Status: get-health-1',
      'Health & Status: get-root-1',
      'Session Management: post-sessions-1',
      'Session Management: post-sessions-2',
      'Session Management: get-sessions-by-id-1',
      'Session Management: get-sessions-1',
      'Session Management: delete-sessions-by-id-1',
      'Error Handling: get-sessions-invalid-1',
      'Error Handling: post-sessions-3',
    ])
    expect(skipped).toEqual({})
  })

  it('are the same tests in whatever order they come', () => {
    expect(compile([...requests].reverse())).toEqual(compile(requests))
  })

  it('lose the health check unless it is asked for', () => {
    expect(compile(requests).skipped).toEqual({ health: 1 })
    expect(compile(requests, { path: ['/health'] }).tests).toHaveLength(1)
    expect(compile(requests, { filters: [{ path: '^/health$' }] }).tests).toHaveLength(1)
    expect(compile(requests, { path: ['/'] }).skipped).toEqual({ health: 1 })
  })
})

describe('what is left out', () => {
  it('is counted by reason', () => {
    const { tests, skipped } = compile(
      [
        exchange('GET', '/healthz/'),
        exchange('GET', '/favicon.ico'),
        exchange('GET', '/static/app.js?v=1'),
        exchange('OPTIONS', '/api', { headers: [['Access-Control-Request-Method', 'POST']] }),
        exchange('GET', '/api/a', { state: 'aborted' }),
        exchange('GET', '/api/b', { state: 'open' }),
        exchange('GET', '/internal/c'),
        exchange('OPTIONS', '/api/d'),
        exchange('POST', '/health'),
        exchange('GET', '/api/one'),
        exchange('GET', '/api/two'),
      ],
      { excludePaths: ['/internal'], maxTests: 3 },
    )
    expect(tests.map(({ test }) => test.name)).toEqual(['options-d-1', 'post-health-1', 'get-one-1'])
    expect(skipped).toEqual({ health: 1, assets: 2, preflight: 1, aborted: 1, open: 1, filter: 1, limit: 1 })
  })

  it('is what lies under none of the paths, by whole segments', () => {
    const all = [
      exchange('GET', '/api'),
      exchange('GET', '/api/x?y=1'),
      exchange('GET', '/apis'),
      exchange('GET', '/b'),
    ]
    expect(compile(all, { path: ['/api/'] })).toMatchObject({ tests: { length: 2 }, skipped: { path: 2 } })
    expect(compile(all, { path: ['api', '/b'] }).tests).toHaveLength(3)
  })

  it('is what the filters say, with one condition or all', () => {
    const all = [
      exchange('GET', '/a', { headers: [['X-Team', 'blue']] }),
      exchange('POST', '/a'),
      exchange('POST', '/b', { headers: [['X-Team', 'red']] }),
    ]
    expect(names(all, { filters: [{ path: '/a', methods: ['post'], matchType: 'AND' }] })).toEqual(['post-a-1'])
    expect(names(all, { filters: [{ path: '/b', headers: { 'x-team': '^blue$' } }] })).toEqual(['get-a-1', 'post-b-1'])
    expect(names(all, { filters: [{ methods: ['POST'], policy: 'exclude' }] })).toEqual(['get-a-1'])
    expect(names(all, { filters: [{ host: '^local', port: 8000, matchType: 'AND' }] })).toHaveLength(3)
    expect(names(all, { filters: [{ port: 9000 }] })).toEqual([])
    expect(names(all, { filters: [{}] })).toEqual([])
    expect(() => compile(all, { filters: [{ path: '(' }] })).toThrow(RecorderError)
  })

  it('is a duplicate by route, status and shape, when that is asked for', () => {
    const post = (body: string, status = 201) => exchange('POST', '/orders', { body, status, answer: '{"id":1}' })
    const all = [
      post('{"a":1,"b":[{"c":1}]}'),
      post('{"b":[{"c":2},{"c":3}],"a":5}'),
      post('{"a":"text","b":[]}'),
      post('{"a":1,"b":[{"c":1}]}', 400),
      exchange('GET', '/orders/1?x=1'),
      exchange('GET', '/orders/2?x=9'),
      exchange('GET', '/orders/2?y=9'),
      exchange('GET', '/orders/2?y=9', { answer: 'text' }),
    ]
    expect(compile(all, { dedupe: true })).toMatchObject({ tests: { length: 6 }, skipped: { duplicate: 2 } })
    expect(compile(all).tests).toHaveLength(8)
  })

  it('is what could not be kept', () => {
    const omitted = exchange('POST', '/big')
    const body = { ...omitted.request.body, omitted: { reason: 'limit', sha256: 'x', size: 9 } } as const
    const compiler = new Compiler()
    compiler.add({ ...omitted, request: { ...omitted.request, body } })
    compiler.add(exchange('GET', '/ws'), { unsafe: true })
    const { response: _none, ...unanswered } = exchange('GET', '/x')
    compiler.add(unanswered)
    expect(compiler.skipped).toEqual({ incomplete: 2, open: 1 })
  })
})

describe('a test', () => {
  it('holds the exchange as it was recorded', () => {
    const { tests } = compile(
      [
        exchange('POST', '/api/v1/items?x=1', {
          id: 7,
          at: 1_700_000_000_123.5,
          status: 201,
          body: '{"a":"it\'s"}',
          answer: new Uint8Array([0xff, 0]),
          headers: [
            ['Content-Type', 'application/json'],
            ['Keploy-Test-Name', '../make item!'],
            ['Keploy-Test-Within', '2.5'],
            ['Content-Length', '12'],
          ],
          responseHeaders: [['Date', 'Wed, 21 Oct 2026 07:28:00 GMT']],
        }),
      ],
      { appPort: 8000 },
    )
    expect(tests[0]?.test).toEqual({
      name: 'make-item',
      kind: 'Http',
      file: 'tests/make-item.yaml',
      request: {
        method: 'POST',
        url: 'http://localhost:8000/api/v1/items?x=1',
        protoMajor: 1,
        protoMinor: 1,
        headers: [
          ['Host', 'localhost:8000'],
          ['Content-Type', 'application/json'],
          ['Content-Length', '12'],
        ],
        body: { type: 'text', text: '{"a":"it\'s"}' },
        timestamp: 1_700_000_000_123.5,
      },
      response: {
        status: 201,
        statusMessage: 'OK',
        headers: [['Date', 'Wed, 21 Oct 2026 07:28:00 GMT']],
        body: { type: 'binary', bytes: new Uint8Array([0xff, 0]) },
        timestamp: 1_700_000_000_126,
      },
      assertions: { noise: new Map([['header.Date', []]]) },
      annotations: { suite: 'Item Management', tags: [], skip: false, only: false, withinMs: 2500 },
      created: 1_700_000_000,
      appPort: 8000,
      durationMs: 2.5,
    })
    expect(tests[0]?.curl).toBe(
      `curl --request POST \\\n  --url 'http://localhost:8000/api/v1/items?x=1' \\\n  --header 'Host: localhost:8000' \\\n  --header 'Content-Type: application/json' \\\n  --data-raw '{"a":"it'\\''s"}'`,
    )
  })

  it('of a stream holds its pieces', () => {
    const items = [
      { at: 1, from: 'server', data: { type: 'sse', data: 'a' } },
      { at: 2, from: 'client', data: { type: 'text', text: 'b' } },
    ] as const
    const { tests } = compile([
      exchange('GET', '/events', { stream: { kind: 'sse', items }, state: 'open' }),
      exchange('GET', '/ws', { stream: { kind: 'websocket', items }, status: 101 }),
    ])
    expect(tests[0]?.test.response.body).toEqual({ type: 'stream', kind: 'sse', items: [items[0]] })
    expect(tests[0]?.test.stream).toBeUndefined()
    expect(tests[1]?.test.stream).toEqual({ kind: 'websocket', items })
  })

  it('of a body that was not kept knows its size', () => {
    const base = exchange('GET', '/big')
    const body = { bytes: new Uint8Array(0), wireSize: 9, omitted: { reason: 'limit', sha256: 'x', size: 9 } } as const
    const { tests } = compile([{ ...base, ...(base.response && { response: { ...base.response, body } }) }])
    expect(tests[0]?.test.response.body).toEqual({ type: 'omitted', size: 9, sha256: 'x' })
  })

  it('names the host that the client named', () => {
    const url = (one: HttpExchange) => compile([one]).tests[0]?.test.request.url
    expect(url(exchange('GET', 'http://other:1/x'))).toBe('http://other:1/x')
    expect(url(exchange('OPTIONS', '*'))).toBe('http://localhost:8000/')
    const base = exchange('GET', '/x')
    expect(url({ ...base, request: { ...base.request, headers: [] } })).toBe('http://localhost/x')
  })
})

describe('names', () => {
  it.each([
    ['GET', '/', 'get-root'],
    ['GET', '/api/v2/Users/42/orders', 'get-users-by-id-orders'],
    ['POST', '/api', 'post-root'],
    ['GET', '/a%20b/%zz', 'get-a-b-zz'],
    ['PUT', '/sessions/session-12345', 'put-sessions-by-id'],
    ['GET', '/files/0123456789abcdef0123456789abcdef', 'get-files-by-id'],
    ['GET', '/one-rather-long-segment/another-rather-long-segment', 'get-one-rather-long-segment-another'],
    ['GET', '/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'get-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['M-SEARCH', '/\u4f60\u597d', 'm-search-root'],
    ['***', '/x', 'request-x'],
  ])('%s %s is %s', (method, path, expected) => {
    expect(baseName(method, path)).toBe(expected)
  })

  it('are counted, and keep clear of those that a set has', () => {
    const names = new TestNames(['post-a-1', 'GET-B'])
    expect([
      names.numbered('post-a'),
      names.numbered('post-a'),
      names.exact('get-b'),
      names.exact('free'),
      names.exact('FREE'),
    ]).toEqual(['post-a-2', 'post-a-3', 'get-b-1', 'free', 'FREE-1'])
  })

  it('that are given are made fit for files', () => {
    expect(['  My test ', '../../etc/passwd', 'CON', '..', '', 'a'.repeat(300)].map(givenName)).toEqual([
      'My-test',
      'etc-passwd',
      undefined,
      undefined,
      undefined,
      'a'.repeat(100),
    ])
  })
})

describe('routes', () => {
  it.each([
    '1',
    'b7e23ec2-9af1-4d3c-8a5e-0d3f2c1b4a5f',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '507f1f77bcf86cd799439011',
    'ord_8f3a2b1c',
    '{{secret.1}}',
    'aB3dE5gH7jK9mN1pQ3',
  ])('%s is an id', (segment) => {
    expect(isIdSegment(segment)).toBe(true)
  })

  it.each([
    'sessions',
    'invalid',
    'v1',
    'oauth2',
    'user-profile',
    'sha256',
    'covid-19',
    'some-quite-long-name',
    'tiny-package-1.10.0.tgz',
  ])('%s is a name', (segment) => {
    expect(isIdSegment(segment)).toBe(false)
  })

  it('have ids taken out', () => {
    expect(routeTemplate('/a/12/b')).toBe('/a/:id/b')
    expect(targetPath('http://h')).toBe('/')
    expect(targetPath('http://h/x?y#z')).toBe('/x')
    expect(targetPath('/x#z')).toBe('/x')
  })

  it('name the suite', () => {
    expect(
      ['/api/v1/categories', '/boxes/1', '/address', '/12', '/user-profiles', '/-/whoami'].map((path) =>
        suiteOf(path, 200),
      ),
    ).toEqual([
      'Category Management',
      'Box Management',
      'Address Management',
      'General',
      'User Profile Management',
      'Whoami Management',
    ])
  })
})

describe('GraphQL', () => {
  const ask = (body: object, status = 200): HttpExchange =>
    exchange('POST', '/graphql', { body: JSON.stringify(body), answer: '{"data":{}}', status })

  it('names tests after their operation, or else after its first field', () => {
    const { tests } = compile([
      ask({ query: 'query IntrospectionQuery { __schema { types { name } } }' }),
      ask({ query: 'fragment F on Book { id }\nmutation Create($t: String!) { createBook(title: $t) { ...F } }' }),
      ask({ query: '# all of it\n{ allBooks { id } }' }),
      ask({ query: 'query A { a } query B { b }', operationName: 'B' }),
      ask({ query: 'mutation { removeBook(id: 1) { id } }' }),
      ask({ query: 'query Broken { ' }, 400),
      exchange('GET', '/graphql?query=%7BBook(id%3A1)%7Bid%7D%7D'),
      exchange('GET', '/search?query=books'),
      ask({ query: 'books', page: 1 }),
      ask(['"query"']),
    ])
    expect(tests.map(({ test }) => `${test.annotations.suite}: ${test.name}`)).toEqual([
      'Queries: query-introspection-query-1',
      'Mutations: mutation-create-1',
      'Queries: query-all-books-1',
      'Queries: query-b-1',
      'Mutations: mutation-remove-book-1',
      'Error Handling: query-broken-1',
      'Queries: query-book-1',
      'Search Management: get-search-1',
      'Graphql Management: post-graphql-1',
      'Graphql Management: post-graphql-2',
    ])
  })

  it('tells operations of one shape apart when duplicates are left out', () => {
    const book = { query: 'query Book($id: ID) { Book(id: $id) { id } }', variables: { id: '1' } }
    const writer = { query: 'query Writer($id: ID) { Writer(id: $id) { id } }', variables: { id: '1' } }
    expect(names([ask(book), ask(writer), ask({ ...book, variables: { id: '2' } })], { dedupe: true })).toEqual([
      'query-book-1',
      'query-writer-1',
    ])
  })
})

it('a curl line names large and binary bodies instead of holding them', () => {
  const request = { method: 'POST', url: 'http://h/', protoMajor: 1, protoMinor: 1, headers: [], timestamp: 0 }
  expect(curlLine({ ...request, body: { type: 'text', text: 'x'.repeat(5000) } })).toContain('--data-binary @body.txt')
  expect(curlLine({ ...request, body: { type: 'binary', bytes: new Uint8Array(1) } })).toContain(
    '--data-binary @body.bin',
  )
  expect(curlLine({ ...request, body: { type: 'empty' } })).toBe('curl --request POST \\\n  --url http://h/')
})
