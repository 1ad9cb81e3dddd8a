import { randomBytes } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { readSettings } from '../config/settings.ts'
import { newKeyRing, parseKeyRing, type KeyRing } from './key-ring.ts'
import { open, seal, SealError } from './seal.ts'

const owner = ['clinic', 'zoe', 'openai']
const old = randomBytes(32)
const ring: KeyRing = { current: 'old', keys: new Map([['old', old]]) }

test.each(['sk-123', '', ' ', 'Zoë 🎲 日本語', 'x'.repeat(100_000), 'a\0b', '{"json":true}'])(
  'a value comes back as it was, and is not seen meanwhile',
  (value) => {
    const sealed = seal(value, owner, ring)
    expect(open(sealed, owner, ring)).toBe(value)
    expect(sealed).toMatch(/^v1\.old\.[\w-]+$/)
    expect(value.length > 3 && sealed.includes(value)).toBe(false)
  },
)

test('any text comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), (value, anyone) => {
      expect(open(seal(value, anyone, ring), anyone, ring)).toBe(value)
    }),
  )
})

test('the same value is another text each time', () => {
  expect(new Set(Array.from({ length: 1_000 }, () => seal('same', owner, ring))).size).toBe(1_000)
})

test.each([
  ['another user', ['clinic', 'mallory', 'openai']],
  ['another tenant', ['rival', 'zoe', 'openai']],
  ['another name', ['clinic', 'zoe', 'other']],
  ['other limits between the same letters', ['clinicz', 'oe', 'openai']],
  ['nobody', []],
])('for %s it cannot be read', (_name, other) => {
  expect(() => open(seal('secret', owner, ring), other, ring)).toThrow(SealError)
})

test('a wrong key and a key that is not there are refused', () => {
  const sealed = seal('secret', owner, ring)
  expect(() => open(sealed, owner, { current: 'old', keys: new Map([['old', randomBytes(32)]]) })).toThrow(SealError)
  expect(() => open(sealed, owner, { current: 'new', keys: new Map([['new', old]]) })).toThrow('The key old is not')
  // The id of the key is authenticated, too.
  const both: KeyRing = { current: 'old', keys: new Map([...ring.keys, ['copy', old]]) }
  expect(() => open(sealed.replace('.old.', '.copy.'), owner, both)).toThrow(SealError)
})

test('every changed bit and every cut is refused', () => {
  const [version, id, text] = seal('secret', owner, ring).split('.')
  const bytes = Buffer.from(text!, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => open(`${version}.${id}.${changed.toString('base64url')}`, owner, ring)).toThrow(SealError)
  }
  for (let length = 0; length < text!.length; length += 1) {
    expect(() => open(`${version}.${id}.${text!.slice(0, length)}`, owner, ring)).toThrow(SealError)
  }
})

test('any other text is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => open(text, owner, ring)).toThrow(SealError)
      expect(() => open(`v1.old.${text}`, owner, ring)).toThrow(SealError)
    }),
  )
})

test('keys are read with the current one first', () => {
  const next = randomBytes(32)
  const parsed = parseKeyRing(`2026-11:${next.toString('base64')}, old:${old.toString('base64')}`)
  expect(parsed).toEqual({
    current: '2026-11',
    keys: new Map([
      ['2026-11', next],
      ['old', old],
    ]),
  })
  expect(open(seal('secret', owner, ring), owner, parsed!)).toBe('secret')
})

test.each([
  '',
  'old',
  'old:short',
  `old:${old.toString('hex')}`,
  `a.b:${old.toString('base64')}`,
  `a:${old.toString('base64')},a:${old.toString('base64')}`,
])('%j is no key ring', (text) => {
  expect(parseKeyRing(text)).toBeUndefined()
})

test('the platform reads its ring from API_KEY_RING, and does not repeat a wrong one', () => {
  const { keys } = newKeyRing()
  const text = `new:${Buffer.from(keys.get('new')!).toString('base64')}`
  expect(readSettings({ API_KEY_RING: text })).toMatchObject({ settings: { keyRing: { current: 'new' } } })
  expect(readSettings({ API_KEY_RING: 'secret' })).toEqual({
    problems: [expect.stringMatching(/^API_KEY_RING is not a list like id:base64,(?!.*secret)/)],
  })
})
