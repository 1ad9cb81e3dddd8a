import { expect, test } from 'vitest'

import { assignCalls, endpointsOfCalls, endpointsOfOpenApi, groupOf } from './endpoints.ts'
import { renderTree } from './render-tree.ts'

const document = {
  servers: [{ url: 'https://example.com/base' }],
  paths: {
    '/api/v1/sessions': { get: {}, post: {}, parameters: [] },
    '/api/v1/sessions/{id}': { get: {}, delete: {} },
    '/api/v1/sessions/latest': { get: {} },
  },
}

test('the operations of an OpenAPI document are its endpoints, under the path of its server', () => {
  expect(endpointsOfOpenApi(document).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /base/api/v1/sessions',
    'POST /base/api/v1/sessions',
    'GET /base/api/v1/sessions/{id}',
    'DELETE /base/api/v1/sessions/{id}',
    'GET /base/api/v1/sessions/latest',
  ])
})

test('a call counts for the most literal endpoint that fits, and a call that fits none is told', () => {
  const endpoints = endpointsOfOpenApi({ paths: document.paths })
  const call = (test: string, method: string, path: string) => ({ test, method, path })
  const unknown = assignCalls(endpoints, [
    call('a', 'GET', '/api/v1/sessions/latest'),
    call('b', 'GET', '/api/v1/sessions/42'),
    call('c', 'PUT', '/api/v1/sessions/42'),
  ])
  expect(endpoints.map(({ tests }) => tests)).toEqual([[], [], ['b'], [], ['a']])
  expect(unknown.map(({ test }) => test)).toEqual(['c'])
})

test('without a document the recordings give the endpoints, with what varies left open', () => {
  const calls = ['/users/1', '/users/2', '/users'].map((path) => ({ test: path, method: 'GET', path }))
  expect(endpointsOfCalls(calls, (segment) => /^\d+$/.test(segment)).map(({ path }) => path)).toEqual([
    '/users/{id}',
    '/users',
  ])
})

test('groups are named after the first word that is neither api nor a version', () => {
  expect(groupOf('/api/v1/sessions/{id}')).toBe('sessions')
  expect(groupOf('/')).toBe('/')
})

test('the tree marks tested and untested endpoints and neutralises control characters', () => {
  const endpoints = endpointsOfOpenApi({ paths: { '/users\u001b[31m': { get: {} }, '/users/{id}': { get: {} } } })
  assignCalls(endpoints, [{ test: 's/t', method: 'GET', path: '/users/1' }])
  expect(renderTree({ source: 'openapi.json', endpoints, undescribed: [] })).toMatchInlineSnapshot(`
    "API coverage: 1 of 2 endpoints tested (50.0 %)
    Endpoints from openapi.json

    users\\x1b[31m
      └─ ✗ GET    /users\\x1b[31m                                  no test
    users
      └─ ✓ GET    /users/{id}                                  1 test
    "
  `)
})
