import { describe, expect, test } from 'vitest'

import { ExactNumber } from '../json/exact-number.ts'
import { createNoise } from './create-noise.ts'

function noiseOf(rules: Record<string, readonly string[]>, loose = false): ReturnType<typeof createNoise> {
  return createNoise({ test: new Map(Object.entries(rules)) }, { loose })
}

describe('header rules', () => {
  test('name one header, whatever its case', () => {
    const noise = noiseOf({ 'header.Date': [] })
    expect(noise.header('date', 'x')).toBe('noise: header.Date')
    expect(noise.header('X-Candidate-Id', 'x')).toBeUndefined()
    expect(noise.header('Last-Date', 'x')).toBeUndefined()
  })

  test('name all headers with the bare word', () => {
    expect(noiseOf({ header: [] }).header('Anything', undefined)).toBe('noise: header')
  })

  test('reach every name that contains theirs when loose, with a warning', () => {
    const noise = noiseOf({ 'header.date': [] }, true)
    expect(noise.header('X-Candidate-Id', 'x')).toBe('noise (loose): header.date')
    expect(noise.header('Date', 'x')).toBe('noise: header.date')
    expect(noise.issues).toMatchObject([{ code: 'KEPLOY_NOISE_LOOSE', severity: 'warning', path: 'header.date' }])
  })
})

describe('body rules', () => {
  test('cover every element of an array when they name no index', () => {
    const noise = noiseOf({ 'body.items.id': [] })
    expect(noise.body(['items', 3, 'id'], 1)).toBe('noise: body.items.id')
    expect(noise.body(['items', 3, 'idx'], 1)).toBeUndefined()
    expect(noise.body(['other', 'items', 'id'], 1)).toBeUndefined()
    expect(noise.body(['items'], [])).toBeUndefined()
  })

  test('cover one element or any when they name an index', () => {
    const noise = noiseOf({ 'body.items[0].id': [], 'body.rows[*].at': [] })
    expect(noise.body(['items', 0, 'id'], 1)).toBe('noise: body.items[0].id')
    expect(noise.body(['items', 1, 'id'], 1)).toBeUndefined()
    expect(noise.body(['rows', 7, 'at'], 1)).toBe('noise: body.rows[*].at')
  })

  test('know an outermost array, any key, and keys with dots', () => {
    const noise = noiseOf({ 'body[0].id': [], 'body.*.at': [], 'body.a.b': [], 'body["c.d"].e': [] })
    expect(noise.body([0, 'id'], 1)).toBe('noise: body[0].id')
    expect(noise.body([1, 'id'], 1)).toBeUndefined()
    expect(noise.body(['x', 'at'], 1)).toBe('noise: body.*.at')
    expect(noise.body(['a.b'], 1)).toBe('noise: body.a.b')
    expect(noise.body(['c.d', 'e'], 1)).toBe('noise: body["c.d"].e')
    expect(noise.body(['items', 'x'], 1)).toBeUndefined()
  })

  test('cover everything below their path, and the whole body by the bare word or a star', () => {
    expect(noiseOf({ 'body.user': [] }).body(['user', 'name', 'first'], 1)).toBe('noise: body.user')
    expect(noiseOf({ body: [] }).body(['x', 'y'], 1)).toBe('noise: body')
    expect(createNoise({ global: { body: { '*': ['*'] } } }).body(['x'], 1)).toBe('noise: body')
  })

  test('may leave the prefix out', () => {
    expect(noiseOf({ created_at: [] }).body(['created_at'], 1)).toBe('noise: body.created_at')
    expect(noiseOf({ created_at: [] }).body(['user', 'created_at'], 1)).toBeUndefined()
  })

  test('reach a field at any depth and parts of paths when loose', () => {
    const noise = noiseOf({ 'body.id': [], 'body.a.b': [] }, true)
    expect(noise.body(['user', 'id'], 1)).toBe('noise (loose): body.id')
    expect(noise.body(['x', 'a', 2, 'bc'], 1)).toBe('noise (loose): body.a.b')
    expect(noise.body(['user', 'name'], 1)).toBeUndefined()
  })
})

describe('value expressions', () => {
  test('allow a difference only where the live value matches one', () => {
    const noise = noiseOf({ 'body.token': ['^ey', '^tok_'], 'body.n': ['^[0-9]+$'] })
    expect(noise.body(['token'], 'eyJ')).toBe('noise: body.token')
    expect(noise.body(['token'], 'tok_1')).toBe('noise: body.token')
    expect(noise.body(['token'], 'none')).toBeUndefined()
    expect(noise.body(['token'], undefined)).toBeUndefined()
    expect(noise.body(['n'], 12)).toBe('noise: body.n')
    expect(noise.body(['n'], new ExactNumber('9007199254740993'))).toBe('noise: body.n')
  })

  test('run in linear time', () => {
    const noise = noiseOf({ 'body.x': ['^(a+)+$'] })
    expect(noise.body(['x'], `${'a'.repeat(50_000)}!`)).toBeUndefined()
  })

  test('that can not be read are reported and allow nothing', () => {
    const noise = noiseOf({ 'body.x': ['(?=a)', '(unclosed'] })
    expect(noise.issues.map(({ code, severity, path }) => `${code} ${severity} ${path}`)).toEqual([
      'KEPLOY_NOISE_PATTERN error body.x',
      'KEPLOY_NOISE_PATTERN error body.x',
    ])
    expect(noise.body(['x'], 'a')).toBeUndefined()
  })
})

test('a rule of the test wins over the set, and that over the global one', () => {
  const global = { body: { x: ['^g'], y: ['^g'], z: ['^g'] }, header: { Date: [] } }
  const noise = createNoise({ global, set: { body: { y: ['^s'], z: ['^s'] } }, test: new Map([['body.z', ['^t']]]) })
  expect(['x', 'y', 'z'].map((key) => ['g', 's', 't'].filter((live) => noise.body([key], live) !== undefined))).toEqual(
    [['g'], ['s'], ['t']],
  )
  expect(noise.empty).toBe(false)
  expect(createNoise().empty).toBe(true)
})

test('names of Object.prototype are names like any other', () => {
  const noise = noiseOf({ 'body.__proto__': [], 'body.constructor': [] })
  expect(noise.body(['__proto__'], 1)).toBe('noise: body.__proto__')
  expect(noise.body(['toString'], 1)).toBeUndefined()
})
