import type { TestCase } from '@keploy-framework/format'

import { makeTest } from './make-test.ts'
import type { Sketch } from './make-test.ts'

interface StoredSession {
  readonly id: string
  readonly type: string
  readonly title: string
  readonly status: string
  readonly created_at: string
}

/** What differs from one life of the service to the next. */
export interface Life {
  readonly host: string
  readonly nextId: () => string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Makes the service wrong on purpose. */
  readonly fault?: 'delete-fails' | 'wrong-id-in-body' | 'wrong-id-in-location' | 'stale-list' | 'wrong-created-at'
}

/** The sessions API as data: the same nine requests against any life of the service. */
export function nineTests(life: Life): TestCase[] {
  const sessions: StoredSession[] = []
  const tests: TestCase[] = []
  const json = { 'Content-Type': 'application/json; charset=utf-8' }
  const add = (sketch: Sketch & { path: string; extra?: Record<string, string> }): void => {
    const text = sketch.responseBody === undefined ? '' : JSON.stringify(sketch.responseBody)
    const responseHeaders = Object.entries({
      Date: new Date(life.clock()).toUTCString(),
      ...(sketch.responseBody === undefined ? {} : json),
      ...(sketch.status === 204 ? {} : { 'Content-Length': String(text.length) }),
      ...sketch.extra,
    })
    const headers = [
      ['Host', life.host] as const,
      ...(sketch.body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
    ]
    tests.push(
      makeTest({ ...sketch, headers, url: `http://${life.host}${sketch.path}`, responseHeaders, at: life.clock() }),
    )
  }
  const create = (name: string, type: string, title: string): StoredSession => {
    const session = {
      id: life.nextId(),
      type,
      title,
      status: 'active',
      created_at: new Date(life.clock()).toISOString(),
    }
    sessions.push(session)
    const shown = life.fault === 'wrong-id-in-location' ? life.nextId() : session.id
    add({
      name,
      method: 'POST',
      path: '/api/v1/sessions',
      body: JSON.stringify({ type, title }),
      status: 201,
      responseBody: session,
      extra: { Location: `/api/v1/sessions/${shown}` },
    })
    return session
  }
  add({
    name: 'get-health-1',
    path: '/health',
    responseBody: { status: 'healthy', timestamp: new Date(life.clock()).toISOString() },
  })
  add({
    name: 'get-root-1',
    path: '/',
    responseBody: { name: 'sessions', version: '1.0.0', docs: `http://${life.host}/docs` },
  })
  const adventure = create('post-sessions-1', 'adventure', 'The Lost Temple')
  const mystery = create('post-sessions-2', 'mystery', 'The Missing Diamond')
  const wrong = life.fault === 'wrong-id-in-body' ? { ...adventure, id: mystery.id } : adventure
  const read =
    life.fault === 'wrong-created-at' ? { ...wrong, created_at: new Date(life.clock() + 5000).toISOString() } : wrong
  add({ name: 'get-sessions-by-id-1', path: `/api/v1/sessions/${adventure.id}`, responseBody: read })
  add({
    name: 'get-sessions-1',
    path: '/api/v1/sessions',
    responseBody: { items: life.fault === 'stale-list' ? [mystery, mystery] : [adventure, mystery], total: 2 },
  })
  add({
    name: 'delete-sessions-by-id-1',
    method: 'DELETE',
    path: `/api/v1/sessions/${adventure.id}`,
    ...(life.fault === 'delete-fails'
      ? { status: 404, responseBody: { detail: `Session ${adventure.id} not found` } }
      : { status: 204 }),
  })
  add({
    name: 'get-sessions-invalid-1',
    path: '/api/v1/sessions/invalid',
    status: 404,
    responseBody: { detail: 'Session invalid not found' },
  })
  add({
    name: 'post-sessions-3',
    method: 'POST',
    path: '/api/v1/sessions',
    body: '{"type":"romance"}',
    status: 422,
    responseBody: { detail: [{ loc: ['body', 'type'], msg: 'not a known type', type: 'enum' }] },
  })
  return tests
}
