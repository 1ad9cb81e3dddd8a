import { describe, expect, test } from 'vitest'

import { hasSecret, isInQuery, placeholderOf, readSecretText, soleSecret, writings } from './secret-text.ts'

describe('placeholders', () => {
  test.each([
    ['plain', ['plain'], []],
    ['', [''], []],
    ['{{secret.1}}', ['', ''], [1]],
    ['a {{secret.12}} b {{secret.3}}', ['a ', ' b ', ''], [12, 3]],
    ['{{secret.1}}{{secret.2}}', ['', '', ''], [1, 2]],
    // Escaped ones are text, with one mark less.
    ['{{secret.!1}}', ['{{secret.1}}'], []],
    ['x {{secret.!!1}} y {{secret.2}} z', ['x {{secret.!1}} y ', ' z'], [2]],
    // What is none.
    ['{{secret.0}} {{secret.01}} {{secret.}} {{secret.1} {secret.1}}', undefined, []],
    [`{{secret.${'1'.repeat(11)}}}`, undefined, []],
  ])('%j is taken apart', (text, literals, numbers) => {
    expect(readSecretText(text)).toEqual({ literals: literals ?? [text], numbers })
  })

  test('are seen at a glance, escaped ones too', () => {
    expect([placeholderOf(7), 'a {{secret.!1}}', 'secret.1', ''].map(hasSecret)).toEqual([true, true, false, false])
  })

  test.each([
    ['{{secret.7}}', 7],
    [' {{secret.7}}', undefined],
    ['{{secret.7}} ', undefined],
    ['{{secret.7}}{{secret.8}}', undefined],
    ['{{secret.!7}}', undefined],
    ['seven', undefined],
  ])('%j is a secret and nothing else: %s', (text, number) => {
    expect(soleSecret(text)).toBe(number)
  })
})

test.each([
  ['/q?key=', true],
  ['/q?a=b&key=', true],
  ['/q?key=x', false],
  ['/q?=', true],
  ['key=', false],
  ['/q? key=', false],
  ['?a=b=', false],
])('what follows %j is the value of a parameter: %s', (before, is) => {
  expect(isInQuery(before)).toBe(is)
})

describe('the writings of a value', () => {
  test('are itself, percent-encoded, as form data and in JSON, the longest first, each once', () => {
    expect(writings('a b"')).toEqual(['a%20b%22', 'a+b%22', String.raw`a b\"`, 'a b"'])
    expect(writings('plain')).toEqual(['plain'])
  })

  test('are itself alone where it cannot be encoded', () => {
    expect(writings('\uD800"')).toEqual(['\uD800"'])
  })
})
