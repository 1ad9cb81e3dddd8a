import { expect, test } from 'vitest'

import { entityOfKey, entityOfWord, isIdKey, isTimeKey, normalizeKey } from './key-context.ts'

test('compares names whatever their case style', () => {
  expect(['createdAt', 'created_at', 'Created-At', 'CREATED_AT'].map(normalizeKey)).toEqual(
    Array.from({ length: 4 }, () => 'created_at'),
  )
  expect(['sessionId', 'session_id', 'SessionID', 'id', '_id'].every(isIdKey)).toBe(true)
  expect(['createdAt', 'exp', 'last_login', 'timestamp'].every(isTimeKey)).toBe(true)
  expect(['format', 'station', 'video', 'title'].some((key) => isTimeKey(key) || isIdKey(key))).toBe(false)
})

test('tells whose id a field holds', () => {
  expect(entityOfKey('user_id', undefined, 'order')).toBe('user')
  expect(entityOfKey('userIds', undefined, 'order')).toBe('user')
  expect(entityOfKey('id', undefined, 'order')).toBe('order')
  expect(entityOfKey('id', 'items', 'order')).toBe('order')
  expect(entityOfKey('id', 'author', 'order')).toBe('author')
  expect(['createAuthor', 'new_author', 'allAuthors'].map((parent) => entityOfKey('id', parent, 'order'))).toEqual(
    Array(3).fill('author'),
  )
  expect(entityOfKey('id', 'add_on', 'order')).toBe('add_on')
  expect(entityOfKey('total', undefined, 'order')).toBeUndefined()
})

test('reads plural and singular as one entity', () => {
  expect(['users', 'user', 'categories', 'addresses', 'boxes', 'status'].map(entityOfWord)).toEqual([
    'user',
    'user',
    'category',
    'address',
    'box',
    'statu',
  ])
})
