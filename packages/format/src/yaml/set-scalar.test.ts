import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { randomDocument, randomScalar } from '../../test/random-yaml.ts'
import { parseDocuments } from '../documents/document.ts'
import type { PathStep } from './locate.ts'
import { isRecord } from './values.ts'

function scalarPaths(model: unknown, path: PathStep[] = []): PathStep[][] {
  if (Array.isArray(model)) return model.flatMap((item, index) => scalarPaths(item, [...path, index]))
  if (isRecord(model)) return Object.keys(model).flatMap((key) => scalarPaths(model[key], [...path, key]))
  return path.length === 0 ? [] : [path]
}

function withValue(model: unknown, [step, ...rest]: PathStep[], value: unknown): unknown {
  if (step === undefined) return value
  if (Array.isArray(model)) {
    return (model as unknown[]).map((item, index) => (index === step ? withValue(item, rest, value) : item))
  }
  return Object.fromEntries(
    Object.entries(model as object).map(([key, item]) => [key, key === step ? withValue(item, rest, value) : item]),
  )
}

/** The new text without what both ends share with the old one has to lie within the lines of the old value. */
function differs(before: string, after: string): { removed: string; added: string } {
  let head = 0
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++
  let tail = 0
  const limit = Math.min(before.length, after.length) - head
  while (tail < limit && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return { removed: before.slice(head, before.length - tail), added: after.slice(head, after.length - tail) }
}

function set(
  text: string,
  path: PathStep[],
  value: Parameters<ReturnType<typeof parseDocuments>['documents'][0]['setScalar']>[1],
): string {
  const { documents } = parseDocuments(text)
  documents[0]!.setScalar(path, value)
  return documents.map(String).join('')
}

// Hundreds of random cases; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

describe('setting one scalar of a document', () => {
  it('changes that value and nothing else, whatever the document and the value', () => {
    fc.assert(
      fc.property(randomDocument, randomScalar, fc.nat(), (text, value, which) => {
        const { documents, issues } = parseDocuments(text)
        expect(issues).toEqual([])
        const [document] = documents
        const { model } = document!
        const paths = scalarPaths(model)
        fc.pre(paths.length > 0)
        const path = paths[which % paths.length]!
        document!.setScalar(path, value)
        expect(document!.issue).toBeUndefined()
        expect(document!.model).toEqual(withValue(model, path, value))
        const line = /^[^\n]*$/
        const { removed } = differs(text, documents.map(String).join(''))
        const old = path.reduce<unknown>((at, step) => (at as Record<PathStep, unknown>)[step], model)
        expect(typeof old === 'string' || line.test(removed.replace(/\r?\n$/, ''))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the quoting, the comment and the line end', () => {
    expect(set('a: \'x\' # why\r\nb: "y"\r\n', ['a'], "it's")).toBe("a: 'it''s' # why\r\nb: \"y\"\r\n")
    expect(set('a: "x"\n', ['a'], 'plain')).toBe('a: "plain"\n')
    expect(set('a: x # why\n', ['a'], '33')).toBe('a: "33" # why\n')
  })

  it('fills values that are absent', () => {
    expect(set('a:\nb: 1\n', ['a'], 'x')).toBe('a: x\nb: 1\n')
    expect(set('a: [1, {b}]\n', ['a', 1, 'b'], 2)).toBe('a: [1, {b: 2}]\n')
    expect(set('-\n- x\n', [0], 1)).toBe('- 1\n- x\n')
    expect(set('? a\nb: 1\n', ['a'], 'x')).toBe('? a\n: x\nb: 1\n')
  })

  it('keeps an anchor, and drops a tag that no longer fits', () => {
    expect(set('a: &x old\nb: *x\n', ['a'], 'new')).toBe('a: &x new\nb: *x\n')
    expect(set('a: !!binary |\n  aGk=\nb: 1\n', ['a'], 'text')).toBe('a: |-\n  text\nb: 1\n')
    expect(set('a: x\n', ['a'], new Uint8Array([255]))).toBe('a: !!binary /w==\n')
  })

  it('reaches keys with dots, digits and odd names', () => {
    expect(set('header.Date: x\n200: y\n__proto__: z\n', ['header.Date'], 'new')).toBe(
      'header.Date: new\n200: y\n__proto__: z\n',
    )
    expect(set('header.Date: x\n200: y\n__proto__: z\n', ['200'], 'new')).toContain('200: new\n')
    expect(set('header.Date: x\n1.10: y\n__proto__: z\n', ['__proto__'], 'new')).toContain('__proto__: new\n')
    expect(set('header.Date: x\n1.10: y\n__proto__: z\n', ['1.10'], 'new')).toContain('1.10: new\n')
  })

  it('refuses places that hold no scalar', () => {
    expect(() => set('a: {b: 1}\n', ['a'], 1)).toThrow(/list or a mapping/)
    expect(() => set('a: 1\n', ['c'], 1)).toThrow(/no value at c/)
    expect(() => set('a: 1\n', ['a', 'b'], 1)).toThrow(/no value at a.b/)
    expect(() => set('a: [1]\n', ['a', 5], 1)).toThrow(/no value/)
    expect(isDeepStrictEqual(parseDocuments('a: "').documents[0]!.model, null)).toBe(true)
    expect(() => set('a: "', ['a'], 1)).toThrow(/not valid YAML/)
  })
})
