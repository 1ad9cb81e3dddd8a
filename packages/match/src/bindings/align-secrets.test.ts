import { describe, expect, test } from 'vitest'

import { alignSecrets, decodedSecret } from './align-secrets.ts'

/** Aligns a live text with a recorded one in which `#` stands for a secret; they are numbered from 1. */
function align(recorded: string, live: string, values: Readonly<Record<number, string>> = {}): string[] | string {
  const literals = recorded.split('#')
  const numbers = literals.slice(1).map((_, index) => index + 1)
  return alignSecrets({ literals, numbers }, live, (number) => values[number])
}

const DIFFERS = 'the text around the secret differs'
const NONE = 'there is no secret in its place'

describe('secrets that nobody knows', () => {
  test.each([
    ['#', 'a', ['a']],
    ['key #', 'key a', ['a']],
    ['# key', 'a key', ['a']],
    ['a=#&b=#', 'a=x&b=y', ['x', 'y']],
    ['a=#&b=#;', 'a=x&b=y;', ['x', 'y']],
    // The literal that follows ends a secret, at its first place behind one character.
    ['#-#', 'x-y-z', ['x', 'y-z']],
    ['#-#', '--x', ['-', 'x']],
  ])('%s finds them in %s', (recorded, live, pieces) => {
    expect(align(recorded, live)).toEqual(pieces)
  })

  test.each([
    ['key #', 'lock a', DIFFERS],
    ['key #', 'key ', NONE],
    ['#', '', NONE],
    ['# key', 'a lock', NONE],
    ['a=#&b=#', 'a=x', NONE],
    ['a=#&b=#', 'a=x&b=', NONE],
    // Where one ends and the next begins nobody can tell.
    ['##', 'ab', NONE],
  ])('%s does not fit %s', (recorded, live, reason) => {
    expect(align(recorded, live)).toBe(reason)
  })
})

describe('secrets whose value is known', () => {
  test.each([
    ['##', 'abc', { 1: 'a' }, ['a', 'bc']],
    ['##', 'abc', { 1: 'ab', 2: 'c' }, ['ab', 'c']],
    // A value that holds what follows it.
    ['#-#', 'x-y-z', { 1: 'x-y' }, ['x-y', 'z']],
    ['a #!', 'a b!!', { 1: 'b!' }, ['b!']],
    // As queries write it.
    ['?k=#&l=#', '?k=a%20b&l=c', { 1: 'a b' }, ['a%20b', 'c']],
  ])('%s is split in %s by them', (recorded, live, values, pieces) => {
    expect(align(recorded, live, values)).toEqual(pieces)
  })

  test('another value in the place of a known one is found as if it were unknown', () => {
    expect(align('#-#', 'x-y', { 1: 'other', 2: 'y' })).toEqual(['x', 'y'])
    expect(align('key #', 'key new', { 1: 'old' })).toEqual(['new'])
  })

  test('a longer value that begins like the known one is taken whole', () => {
    expect(align('key #', 'key old-and-new', { 1: 'old' })).toEqual(['old-and-new'])
    expect(align('key #!', 'key old! and new!', { 1: 'old' })).toEqual(['old! and new'])
    expect(align('#&b=#', 'old2&b=x', { 1: 'old' })).toEqual(['old2', 'x'])
  })

  test('an empty value stands for nothing', () => {
    expect(align('#', '', { 1: '' })).toBe(NONE)
    expect(align('key #', 'key a', { 1: '' })).toEqual(['a'])
    expect(align('##', 'ab', { 1: '' })).toBe(NONE)
  })
})

describe('a piece is kept decoded', () => {
  test('from a query', () => {
    expect(decodedSecret('a+b%2Fc', '/q?key=', false)).toBe('a b/c')
  })

  test('from a cookie', () => {
    expect(decodedSecret('a+b%2Fc', 'session=', true)).toBe('a+b/c')
  })

  test('and from elsewhere as it is', () => {
    expect(decodedSecret('a+b%2Fc', 'Bearer ', false)).toBe('a+b%2Fc')
  })
})
