import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { escapePlaceholders, fillPlaceholders, findPlaceholders, isPlaceholder } from './placeholders.ts'

describe('placeholders', () => {
  it('are found in order, as often as they stand there', () => {
    expect(findPlaceholders('{{secret.2}} {{secret.10}}{{secret.2}}')).toEqual([2, 10, 2])
  })

  it('are only what is written exactly so', () => {
    const others =
      '{{secret.}} {{secret.0}} {{secret.01}} {{secret.1} {{ secret.1 }} {{secret.x}} {{secret.12345678901}}'
    expect(findPlaceholders(others)).toEqual([])
    expect(fillPlaceholders(others, () => 'x')).toEqual({ text: others, missing: [] })
  })

  it('are filled, and those without a value are named once', () => {
    const lookup = (number: number) => (number === 1 ? 'abc' : undefined)
    expect(fillPlaceholders('a {{secret.1}} {{secret.2}} {{secret.2}} z', lookup)).toEqual({
      text: 'a abc {{secret.2}} {{secret.2}} z',
      missing: [2],
    })
  })

  it('lose their quotes when the secret was a number', () => {
    const numbers = new Set([1])
    expect(fillPlaceholders('{"pin":"{{secret.1}}"}', () => '1234', { numbers }).text).toBe('{"pin":1234}')
    expect(fillPlaceholders('{"pin":"{{secret.2}}"}', () => '1234', { numbers }).text).toBe('{"pin":"1234"}')
    expect(fillPlaceholders('{{secret.1}}', () => '1234', { numbers }).text).toBe('1234')
  })

  it('come back from their escape as literal text, whatever the text', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('{{secret.1}}', '{{secret.!2}}', '{{secret.', '!', '}}', '3'))
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        const escaped = escapePlaceholders(text)
        expect(findPlaceholders(escaped)).toEqual([])
        expect(fillPlaceholders(escaped, () => 'never').text).toBe(text)
      }),
    )
  })

  it('are told from longer texts', () => {
    expect(isPlaceholder('{{secret.1}}')).toBe(true)
    expect(isPlaceholder('{{secret.!1}}')).toBe(true)
    expect(isPlaceholder('{{secret.1}} ')).toBe(false)
    expect(isPlaceholder('abc')).toBe(false)
  })
})
