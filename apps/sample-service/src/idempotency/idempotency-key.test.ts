import { expect, test } from 'vitest'

import { idempotencyHeaderSchema, idOfKey } from './idempotency-key.ts'

const accepts = (key: string | undefined) => idempotencyHeaderSchema.safeParse({ 'idempotency-key': key }).success

test.each([[''], ['a b'], ['x'.repeat(101)], ['Zoë'], ['a\n']])('%j is no Idempotency-Key', (key) => {
  expect(accepts(key)).toBe(false)
})

test.each([[undefined], ['x'.repeat(100)], ['"8e03978e-40d5-43dd-bc93-6894a57f9324"']])('%j is one, or none', (key) => {
  expect(accepts(key)).toBe(true)
})

test('an id follows from kind, tenant, user and key, and from nothing else', () => {
  const zoe = { tenant: 'clinic', id: 'zoe' }
  expect(idOfKey('thread', { ...zoe }, 'k')).toBe(idOfKey('thread', zoe, 'k'))
  const ids = [
    idOfKey('thread', zoe, 'k'),
    idOfKey('message', zoe, 'k'),
    idOfKey('thread', { ...zoe, tenant: 'rival' }, 'k'),
    idOfKey('thread', { ...zoe, id: 'ada' }, 'k'),
    idOfKey('thread', zoe, 'l'),
    idOfKey('thread', { tenant: 'clinic', id: 'zoe","k' }, ''),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})
