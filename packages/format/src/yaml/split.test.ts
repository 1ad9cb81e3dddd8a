import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { randomDocument } from '../../test/random-yaml.ts'
import { splitDocuments } from './split.ts'

function bodies(text: string): string[] {
  return splitDocuments(text).map(({ text, body, end }) => text.slice(body, end))
}

// Hundreds of random cases; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

describe('cutting a stream into documents', () => {
  it('cuts at markers in column 0 and nowhere else', () => {
    expect(bodies('a: |\n  ---\n  x\n---\nb: "x ---\n  y"\n')).toEqual(['a: |\n  ---\n  x\n', '---\nb: "x ---\n  y"\n'])
    expect(bodies('a: 1\n----\n')).toEqual(['a: 1\n----\n'])
    expect(bodies('--- a\n---\tb\n---')).toEqual(['--- a\n', '---\tb\n'])
  })

  it('gives what stands between documents to one of them', () => {
    const text = '\ufeff# head\n---\n---\na: 1\n...\n# between\n%YAML 1.2\n---\nb: 2\n...\n---\n# tail\n'
    const slices = splitDocuments(text)
    expect(slices.map((slice) => slice.text).join('')).toBe(text)
    expect(bodies(text)).toEqual(['---\na: 1\n...\n', '# between\n%YAML 1.2\n---\nb: 2\n...\n'])
    expect(slices.map((slice) => slice.line)).toEqual([1, 6])
  })

  it('finds no document in text without content', () => {
    for (const text of ['', '\n', '# only\n', '---\n---\n...\n', '\ufeff']) expect(splitDocuments(text)).toEqual([])
  })

  it('loses no character of any stream of documents', () => {
    const separator = fc.constantFrom('---\n', '...\n---\n', '---\n---\n', '# x\n---\n', '...\n# y\n---\n', '---\r\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(separator, randomDocument), { maxLength: 5 }), (parts) => {
        const text = parts.map(([marker, document]) => marker + document.replace(/([^\n])$/, '$1\n')).join('')
        expect(
          splitDocuments(text)
            .map((slice) => slice.text)
            .join(''),
        ).toBe(text)
        expect(splitDocuments(text)).toHaveLength(parts.length)
      }),
    )
  })
})
