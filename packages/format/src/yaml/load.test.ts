import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { randomDocument } from '../../test/random-yaml.ts'
import { loadYaml } from './load.ts'
import { readSlowly } from './second-reader.ts'
import { splitDocuments } from './split.ts'
import { own, PlainScalar, TaggedValue } from './values.ts'

function value(text: string): unknown {
  const loaded = loadYaml(text)
  if ('issue' in loaded) throw new Error(loaded.issue.message)
  return loaded.value
}

// Hundreds of random cases; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

describe('reading YAML', () => {
  it('keeps numbers exact, and the text of those that have another spelling', () => {
    expect(value('a: 9007199254740993')).toEqual({ a: 9007199254740993n })
    expect(value('a: -12')).toEqual({ a: -12 })
    expect(value('a: 1.10')).toEqual({ a: new PlainScalar('1.10', 1.1) })
    expect(value('a: 007')).toEqual({ a: new PlainScalar('007', 7) })
    expect(value('a: 0x1F')).toEqual({ a: new PlainScalar('0x1F', 31) })
    expect(value('a: 09')).toEqual({ a: new PlainScalar('09', 9) })
    expect(value('a: -.inf')).toEqual({ a: new PlainScalar('-.inf', -Infinity) })
    expect(value('a: .nan')).toEqual({ a: new PlainScalar('.nan', Number.NaN) })
    expect(value('a: 1_000')).toEqual({ a: new PlainScalar('1_000', 1000) })
    expect(value('a: 0x')).toEqual({ a: '0x' })
  })

  it('keeps time stamps as the text they are', () => {
    expect(value('a: 2026-07-17T09:10:53.449166379Z')).toEqual({ a: '2026-07-17T09:10:53.449166379Z' })
  })

  it('keeps tags that it gives no meaning to', () => {
    expect(value('a: !pg/numeric {int: 1}\nb: !pg/bits x\nc: !pg/x [1]\nd: !!set {a}\n')).toEqual({
      a: new TaggedValue('!pg/numeric', { int: 1 }),
      b: new TaggedValue('!pg/bits', 'x'),
      c: new TaggedValue('!pg/x', [1]),
      d: new TaggedValue('tag:yaml.org,2002:set', { a: null }),
    })
  })

  it('reads bytes, merge keys and anchors', () => {
    expect(value('a: !!binary |\n  //8=\nb: !!binary ""')).toEqual({
      a: new Uint8Array([255, 255]),
      b: new Uint8Array(),
    })
    expect(value('x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n')).toMatchObject({ y: { a: 1, b: 3 } })
  })

  it('takes keys called __proto__ or constructor for data', () => {
    const read = value('__proto__: {polluted: true}\nconstructor: 1\n')
    expect(own(read, '__proto__')).toEqual({ polluted: true })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(own({}, 'constructor')).toBeUndefined()
    expect(Object.keys(value('1.10: a\nTrue: b\n200: c\n~: d\n') as object)).toEqual(['200', '1.10', 'True', 'null'])
  })

  it('says where malformed text is', () => {
    expect(loadYaml('a: 1\nb: "x\n', { file: 'a.yaml', line: 10 })).toMatchObject({
      issue: { code: 'KEPLOY_FORMAT_YAML', file: 'a.yaml', line: 12, severity: 'error' },
    })
    expect(loadYaml('a: 1\na: 2\n')).toMatchObject({ issue: { message: /duplicated/, line: 2 } })
    expect(loadYaml('['.repeat(2000))).toMatchObject({ issue: { code: 'KEPLOY_FORMAT_YAML' } })
  })

  it('refuses aliases that stand for themselves or for a huge tree', () => {
    expect(loadYaml('a: &a [*a]')).toMatchObject({ issue: { code: 'KEPLOY_FORMAT_ALIAS', message: /contains itself/ } })
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}*l${level}]`,
    )
    expect(loadYaml(`l0: &l0 x\n${levels.join('\n')}\n`)).toMatchObject({
      issue: { code: 'KEPLOY_FORMAT_ALIAS', message: /stands for more than/ },
    })
  })

  it('reads the same as the reader that follows the specification to the letter', () => {
    fc.assert(
      fc.property(randomDocument, (text) => {
        const [slice] = splitDocuments(text)
        const body = slice!.text.slice(slice!.body, slice!.end)
        expect(loadYaml(body)).toEqual(readSlowly(body))
      }),
      { numRuns: 300 },
    )
  })

  it('reads what the fast reader refuses although it is valid', () => {
    expect(value('a:\n  -\n    a: |2\n')).toEqual({ a: [{ a: '' }] })
    expect(value('a:\n  -\n    -\n  - x\n')).toEqual({ a: [[null], 'x'] })
  })
})
