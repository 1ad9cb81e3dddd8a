import { describe, expect, test } from 'vitest'

import { makeTest } from '../../test/make-test.ts'
import type { Sketch } from '../../test/make-test.ts'
import { BindingTable } from './binding-table.ts'
import type { BindingTableOptions } from './binding-table.ts'
import { planBindings } from './plan-bindings.ts'

const A = 'aaaaaaaa-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const B = 'bbbbbbbb-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const X = '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const Y = '22222222-8a4d-4f1e-9b7a-2c6d5e4f3a21'
const at = { where: 'body.id', key: 'id' }

function tableFor(sketches: Sketch[], options?: BindingTableOptions): BindingTable {
  return new BindingTable(planBindings(sketches.map(makeTest)), options)
}

function created(...ids: unknown[]): Sketch[] {
  return ids.map((id, index) => ({ name: `t${index}`, method: 'POST', url: 'http://h/users', responseBody: { id } }))
}

describe('ids', () => {
  test('are bound where they first meet and must stay the same from there on', () => {
    const table = tableFor(created(A, B))
    table.beginTest('t0')
    expect(table.expect(A, X, at)).toBe('bound')
    expect(table.expect(A, X, at)).toBe('equal')
    expect(table.expect(A, Y, at)).toBe('mismatch')
    expect(table.reason).toBe(`${A} stands for ${X} since t0 body.id`)
    expect(table.list()).toEqual([{ recorded: A, live: X, form: 'uuid', where: 't0 body.id' }])
  })

  test('are bound one to one', () => {
    const table = tableFor(created(A, B))
    table.expect(A, X, at)
    expect(table.expect(B, X, at)).toBe('mismatch')
    expect(table.reason).toBe(`${X} already stands for ${A}, so it can't stand for ${B}`)
  })

  test('are a mismatch when the recorded one comes back after it was bound to another', () => {
    const table = tableFor(created(A))
    table.expect(A, X, at)
    expect(table.expect(A, A, at)).toBe('mismatch')
  })

  test('must have the recorded form', () => {
    const table = tableFor(created(A))
    expect(table.expect(A, 'nope', at)).toBe('mismatch')
    expect(table.reason).toBe('it does not have the form of the recorded value (uuid)')
    expect(table.list()).toEqual([])
  })

  test('are found inside texts and paths', () => {
    const table = tableFor([
      ...created(A),
      { name: 'n', method: 'POST', url: 'http://h/users', responseBody: { id: 7 } },
      { name: 'g', url: 'http://h/users/7' },
    ])
    expect(table.expect(`Session ${A} created`, `Session ${X} created`, { where: 'body.message' })).toBe('bound')
    expect(table.expect(`Session ${A} created`, `Session ${X} deleted`, { where: 'body.message' })).toBe('mismatch')
    expect(table.expect(`Session ${A} created`, X, { where: 'body.message' })).toBe('mismatch')
    expect(table.expect('/users/7', '/users/9', { where: 'header.Location' })).toBe('bound')
    expect(table.expect(7, 9, { where: 'body.id', key: 'id', entity: 'user' })).toBe('equal')
    expect(table.expect('/users/7', '/users/8', { where: 'header.Location' })).toBe('mismatch')
    expect(table.expect('plain text', 'other text', { where: 'body.x' })).toBe('unbound')
  })

  test('that are short hold for their entity alone', () => {
    const table = tableFor([...created(7), { name: 'g', url: 'http://h/users/7' }])
    expect(table.expect(7, 9, { where: 'body.user_id', key: 'user_id', entity: 'user' })).toBe('bound')
    expect(table.expect(7, 9, { where: 'body.count', key: 'count' })).toBe('unbound')
    expect(table.expect(7, 9, { where: 'body.order_id', key: 'order_id', entity: 'order' })).toBe('unbound')
    expect(table.expect(7, -9, { where: 'body.id', key: 'id', entity: 'user' })).toBe('mismatch')
  })
})

describe('an attempt', () => {
  test('takes back what it bound, and only that', () => {
    const other = A.replace('aaaa', 'cccc')
    const table = tableFor(created(A, B, other))
    table.beginTest('t0').commit()
    table.expect(A, X, at)
    const attempt = table.beginTest('t1')
    table.expect(B, Y, at)
    attempt.rollback()
    expect(table.list().map(({ recorded }) => recorded)).toEqual([A])
    expect(table.expect(other, Y, at)).toBe('bound')
    expect(table.expect(B, A, at)).toBe('bound')
    expect(table.expect(A, X, at)).toBe('equal')
  })
})

describe('times', () => {
  const T = '2025-10-28T14:00:00Z'
  const T1 = '2026-01-01T00:00:01Z'
  const T2 = '2026-01-01T00:00:02Z'
  const body = { created_at: T, updated_at: T }
  const tests = (): Sketch[] => [
    { name: 'p1', method: 'POST', url: 'http://h/users', responseBody: body },
    { name: 'p2', method: 'POST', url: 'http://h/users', responseBody: body },
    { name: 'g', url: 'http://h/users', responseBody: [body, body] },
    { name: 'h', url: 'http://h/health', responseBody: { timestamp: T } },
  ]
  const field = (key: string): { where: string; key: string } => ({ where: `body.${key}`, key })

  test('that were equal by chance may differ from field to field and from creation to creation', () => {
    const table = tableFor(tests())
    table.beginTest('p1')
    expect(table.expect(T, T1, field('created_at'))).toBe('bound')
    expect(table.expect(T, T2, field('updated_at'))).toBe('bound')
    table.beginTest('p2')
    expect(table.expect(T, '2026-01-01T00:00:09Z', field('created_at'))).toBe('bound')
  })

  test('that a request stored must be read back as one of those that were stored', () => {
    const table = tableFor(tests())
    table.beginTest('p1')
    table.expect(T, T1, field('created_at'))
    table.beginTest('g')
    expect(table.expect(T, T1, field('created_at'))).toBe('equal')
    expect(table.expect(T, T2, field('created_at'))).toBe('mismatch')
    expect(table.reason).toBe(`${T} stands for ${T1} since p1 body.created_at`)
  })

  test('that tell the clock may be told anew', () => {
    const table = tableFor(tests())
    table.beginTest('p1')
    table.expect(T, T1, field('created_at'))
    table.beginTest('h')
    expect(table.expect(T, T2, field('timestamp'))).toBe('bound')
    expect(table.expect(T, '2026-01-01T00:00:03Z', field('timestamp'))).toBe('bound')
  })

  test('that are older than the reading request were stored, whoever stored them', () => {
    const table = tableFor([{ name: 'g', url: 'http://h/users', at: Date.parse(T) + 60_000, responseBody: [body] }])
    table.beginTest('g')
    expect(table.expect(T, T1, field('created_at'))).toBe('bound')
    expect(table.expect(T, T2, field('created_at'))).toBe('mismatch')
  })

  test('must be written as the recorded one', () => {
    const table = tableFor(tests())
    expect(table.expect(T, '2026-01-01', field('created_at'))).toBe('mismatch')
    expect(table.reason).toBe('it is not a time written like the recorded one (iso-date)')
    expect(table.expect(T, T, field('created_at'))).toBe('equal')
  })
})

describe('secrets', () => {
  const login: Sketch[] = [{ name: 'login', method: 'POST', responseBody: { token: '{{secret.1}}' } }]

  test('are bound by the response that shows them, and never shown themselves', () => {
    const table = tableFor(login, { lookup: () => 'from the environment' })
    table.beginTest('login')
    expect(table.expect('{{secret.1}}', 'live-token', at)).toBe('bound')
    expect(table.expect('Bearer {{secret.1}}; {{secret.2}}!', 'Bearer live-token; two!', at)).toBe('bound')
    expect(table.expect('{{secret.1}}', 'other', at)).toBe('mismatch')
    expect(table.secret(1)).toBe('live-token')
    expect(table.list().map(({ recorded, live }) => [recorded, live])).toEqual([
      ['{{secret.1}}', '(secret)'],
      ['{{secret.2}}', '(secret)'],
    ])
  })

  test('come from the lookup when no response has shown them, and an echo must agree', () => {
    const table = tableFor(login, { lookup: (number) => (number === 3 ? 'hunter2' : undefined) })
    expect(table.secret(3)).toBe('hunter2')
    expect(table.secret(4)).toBeUndefined()
    expect(table.expect('{{secret.3}}', 'hunter2', at)).toBe('equal')
    expect(table.expect('{{secret.3}}', 'hunter3', at)).toBe('mismatch')
  })

  test('must stand where they stood, and be a JWT where one was recorded', () => {
    const table = tableFor(login, {
      secrets: [{ number: 1, kind: 'JWT', firstSeen: '', jwt: { header: { alg: 'HS256' }, claims: {} } }],
    })
    expect(table.expect('Bearer {{secret.1}}', 'Basic x', at)).toBe('mismatch')
    expect(table.expect('Bearer {{secret.1}}', 'Bearer ', at)).toBe('mismatch')
    expect(table.expect('{{secret.1}} end', 'x', at)).toBe('mismatch')
    expect(table.expect('Bearer {{secret.1}}', 'Bearer opaque', at)).toBe('mismatch')
    expect(table.reason).toBe('secret 1 is not a JWT')
    expect(table.expect('Bearer {{secret.1}}', 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', at)).toBe('bound')
  })
})

test('two logins in one second may get the same token', () => {
  const [first, second] = ['a', 'b'].map((letter) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${letter}`) as [
    string,
    string,
  ]
  const table = tableFor(
    [first, second].map((token, index) => ({ name: `t${index}`, method: 'POST', responseBody: { token } })),
  )
  const live = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.z'
  expect(table.expect(first, live, { where: 'body.token', key: 'token' })).toBe('bound')
  expect(table.expect(second, live, { where: 'body.token', key: 'token' })).toBe('bound')
  expect(table.list()[0]).toMatchObject({ recorded: '(jwt)', live: '(jwt)' })
})
