import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createApp } from './app.ts'
import { openPgliteStore } from './store/pglite.ts'
import type { SessionStore } from './store/session-store.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let store: SessionStore
let app: FastifyInstance

beforeAll(async () => {
  store = await openPgliteStore()
  app = await createApp({ store, now: () => new Date('2026-01-02T03:04:05.678Z') })
}, 60_000)
afterAll(async () => {
  await app.close()
  await store[Symbol.asyncDispose]()
})

const create = (payload: object) => app.inject({ method: 'POST', url: '/api/v1/sessions', payload })

describe('Health & Status', () => {
  test('GET /health says that service and database answer', async () => {
    const answer = await app.inject('/health')
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'healthy', version: '1.0.0' }])
  })

  test('GET /health is 503 when the database does not answer', async () => {
    const broken: SessionStore = { ...store, ping: () => Promise.reject(new Error('connection refused to db:5432')) }
    await using other = await createApp({ store: broken })
    const answer = await other.inject('/health')
    expect([answer.statusCode, answer.json()]).toEqual([503, { detail: 'The database does not answer' }])
  })

  test('GET / says what the service is and where its documentation lies', async () => {
    const answer = await app.inject('/')
    expect(answer.json()).toEqual({
      name: 'Sessions API',
      version: '1.0.0',
      docs: '/docs',
      openapi: '/openapi.json',
    })
  })
})

describe('Session Management', () => {
  test.each(['adventure', 'mystery'] as const)('POST creates a session of type %s', async (type) => {
    const answer = await create({ type, title: 'A title', description: 'A description' })
    expect(answer.statusCode).toBe(201)
    const session = answer.json()
    expect(session).toEqual({
      id: expect.stringMatching(UUID),
      type,
      title: 'A title',
      description: 'A description',
      status: 'active',
      created_at: '2026-01-02T03:04:05.678Z',
    })
    expect(answer.headers.location).toBe(`/api/v1/sessions/${session.id}`)
    await expect(app.inject(`/api/v1/sessions/${session.id}`).then((read) => read.json())).resolves.toEqual(session)
  })

  test('a slash at the end of the URL makes no difference', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/sessions/?from=test',
      payload: { type: 'mystery', title: 't' },
    })
    expect(answer.headers.location).toBe(`/api/v1/sessions/${answer.json().id}`)
  })

  test('GET lists the newest session first, as many as asked for', async () => {
    const first = (await create({ type: 'mystery', title: 'one' })).json()
    const second = (await create({ type: 'mystery', title: 'two' })).json()
    const listed = (await app.inject('/api/v1/sessions?limit=2')).json()
    expect(listed).toEqual([second, first])
  })

  test('DELETE answers 204 without a body, and the session is gone', async () => {
    const { id } = (await create({ type: 'mystery', title: 'short-lived' })).json()
    const deleted = await app.inject({ method: 'DELETE', url: `/api/v1/sessions/${id}` })
    expect([deleted.statusCode, deleted.body]).toEqual([204, ''])
    expect((await app.inject(`/api/v1/sessions/${id}`)).statusCode).toBe(404)
    expect((await app.inject({ method: 'DELETE', url: `/api/v1/sessions/${id}` })).statusCode).toBe(404)
  })
})

describe('Error Handling', () => {
  test('an id that nobody has is 404', async () => {
    const answer = await app.inject('/api/v1/sessions/invalid')
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Session not found' }])
  })

  test('a path that no route takes is 404', async () => {
    const answer = await app.inject('/api/v2')
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not Found' }])
  })

  test('a failure inside is 500, and the client learns nothing about the inside', async () => {
    const broken: SessionStore = { ...store, list: () => Promise.reject(new Error('password of db is hunter2')) }
    await using other = await createApp({ store: broken })
    const answer = await other.inject('/api/v1/sessions')
    expect([answer.statusCode, answer.json()]).toEqual([500, { detail: 'Internal Server Error' }])
  })

  test('an invalid body is 422, and every mistake has a location, a message and a type', async () => {
    const answer = await create({ type: 'romance', title: '', description: 7 })
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toEqual({
      detail: [
        {
          loc: ['body', 'type'],
          msg: 'Invalid option: expected one of "adventure"|"mystery"',
          type: 'enum',
          input: 'romance',
        },
        {
          loc: ['body', 'title'],
          msg: 'Too small: expected string to have >=1 characters',
          type: 'string_too_short',
          input: '',
        },
        {
          loc: ['body', 'description'],
          msg: 'Invalid input: expected string, received number',
          type: 'string_type',
          input: 7,
        },
      ],
    })
  })

  test('a missing field is named', async () => {
    const { detail } = (await create({ type: 'mystery' })).json()
    expect(detail).toEqual([{ loc: ['body', 'title'], msg: 'Field required', type: 'missing' }])
  })

  test.each([
    ['no body', undefined, undefined, 'missing'],
    ['an empty JSON body', 'application/json', '', 'missing'],
    ['a body that is not JSON', 'application/json', '{"type"', 'json_invalid'],
    ['a body that is null', 'application/json', 'null', 'missing'],
    ['a list as body', 'application/json', '[]', 'object_type'],
  ])('%s is 422', async (_name, contentType, payload, type) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/sessions',
      ...(contentType && { headers: { 'content-type': contentType } }),
      ...(payload !== undefined && { payload }),
    })
    expect(answer.statusCode).toBe(422)
    expect(answer.json().detail[0]).toMatchObject({ loc: ['body'], type })
  })

  test.each(['nul \0', 'half a pair \ud83d'])('text that the database cannot store is 422: %j', async (title) => {
    const answer = await create({ type: 'mystery', title })
    expect(answer.statusCode).toBe(422)
    expect(answer.json().detail).toMatchObject([{ loc: ['body', 'title'], msg: 'Text cannot be stored' }])
  })

  test('an id that the database cannot look up is 422', async () => {
    const answer = await app.inject('/api/v1/sessions/%00')
    expect(answer.statusCode).toBe(422)
    expect(answer.json().detail).toMatchObject([{ loc: ['path', 'session_id'] }])
  })

  test('a URL that cannot be decoded is 400, in the shape of every other error', async () => {
    const answer = await app.inject('/api/v1/sessions/%zz')
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { detail: "'/api/v1/sessions/%zz' is not a valid url component" },
    ])
  })

  test('a content type that no route takes is 415', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/sessions',
      headers: { 'content-type': 'application/xml' },
      payload: '<session/>',
    })
    expect(answer.statusCode).toBe(415)
    expect(answer.json().detail).toContain('Unsupported Media Type')
  })

  test.each([
    ['0', 'greater_than_equal'],
    ['101', 'less_than_equal'],
    ['many', 'number_type'],
  ])('a limit of %s is 422', async (limit, type) => {
    const answer = await app.inject(`/api/v1/sessions?limit=${limit}`)
    expect(answer.statusCode).toBe(422)
    expect(answer.json().detail[0]).toMatchObject({ loc: ['query', 'limit'], type })
  })
})

describe('the service around its routes', () => {
  test.each([
    ['PATCH', '/api/v1/sessions', 'GET, HEAD, POST'],
    ['PUT', '/api/v1/sessions/1/?a=b', 'DELETE, GET, HEAD'],
    ['DELETE', '/openapi.json', 'GET, HEAD'],
    ['QUERY', '/health', 'GET, HEAD'],
    ['POST', '/docs/static/index.html', 'GET, HEAD'],
  ] as const)('%s %s is 405 and names the methods that are taken', async (method, url, allow) => {
    const answer = await app.inject({ method, url })
    expect([answer.statusCode, answer.json()]).toEqual([405, { detail: 'Method Not Allowed' }])
    expect(answer.headers.allow).toBe(allow)
  })

  test.each(['/api/v1', '/api/v1/sessions/1/2'])('no route takes %s: 404', async (url) => {
    const answer = await app.inject(url)
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not Found' }])
  })

  test('a database that goes away in the middle of a request is a 503, which says so', async () => {
    const error = Object.assign(new Error('connect ECONNREFUSED db:5432'), { code: 'ECONNREFUSED' })
    await using other = await createApp({ store: { ...store, list: () => Promise.reject(error) } })
    const answer = await other.inject('/api/v1/sessions')
    expect([answer.statusCode, answer.json()]).toEqual([503, { detail: 'The database does not answer' }])
  })

  test('every answer carries a request id, and keeps the one that came in', async () => {
    expect((await app.inject('/health')).headers['x-request-id']).toMatch(UUID)
    const kept = await app.inject({ url: '/missing', headers: { 'x-request-id': 'trace-1' } })
    expect(kept.headers['x-request-id']).toBe('trace-1')
  })

  test('/openapi.json describes every route, its parameters and its errors', async () => {
    const { paths, components } = (await app.inject('/openapi.json')).json()
    expect(Object.entries<object>(paths).map(([path, item]) => [path, Object.keys(item).sort()])).toEqual([
      ['/health', ['get']],
      ['/', ['get']],
      ['/api/v1/sessions', ['get', 'post']],
      ['/api/v1/sessions/{session_id}', ['delete', 'get']],
    ])
    expect(Object.keys(paths['/api/v1/sessions'].post.responses)).toEqual(['201', '413', '415', '422'])
    expect(components.schemas).toHaveProperty('Session.properties.created_at.format', 'date-time')
  })

  test('/docs shows the description without asking any other host', async () => {
    const page = await app.inject('/docs')
    expect(page.statusCode).toBe(200)
    const files = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file]) => file ?? '')
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) {
      expect(file).toMatch(/^\/docs\/static\//)
      expect((await app.inject(file)).statusCode).toBe(200)
    }
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
  })
})
