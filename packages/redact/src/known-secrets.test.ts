import { describe, expect, it } from 'vitest'

import { isDistinctive, KnownSecrets } from './known-secrets.ts'

describe('known secrets', () => {
  it.each([
    ['hunter2', true],
    ['s3cret', true],
    ['ab1', false],
    ['password', false],
    ['Password', false],
    ['correcthorsebatterystaple', true],
    ['12345678', false],
    ['4111111111111111', true],
    ['PassWordLong', true],
  ])('%s is distinctive: %s', (text, expected) => {
    expect(isDistinctive(text)).toBe(expected)
  })

  it('are found among very many', () => {
    const known = new KnownSecrets()
    const text = (i: number) => `tok-${i}-${(i * 2654435761) >>> 0}-end`
    for (let i = 0; i < 20_000; i++) known.add(text(i), () => i)
    const hits = known.find(`a ${text(7)} b ${text(19_999)} c tok-x-end`)
    expect(hits?.map((hit) => hit.known.number())).toEqual([7, 19_999])
  })

  it('forget those that were seen first when they are too many', () => {
    const known = new KnownSecrets()
    for (let i = 0; i < 121_000; i++) known.add(`secret-number-${i}`, () => i)
    expect(known.size).toBe(60_000)
    expect(known.find('secret-number-1')).toBeUndefined()
    expect(known.find('secret-number-120999')).toHaveLength(1)
    for (let i = 0; i < 60_000; i++) known.add(`${i}-all-end-alike`, () => i)
    expect(known.find('7-all-end-alike')).toHaveLength(1)
    for (let i = 0; i < 60_000; i++) known.add(`another-${i}`, () => i)
    expect(known.find('7-all-end-alike')).toBeUndefined()
  })

  it('are found when many end alike, the longest one first', () => {
    const known = new KnownSecrets()
    const texts = Array.from({ length: 40 }, (_, i) => `${'x'.repeat(i)}-start-same-end`)
    for (const [i, text] of texts.entries()) {
      known.add(text, () => i)
      known.add(text, () => -1)
    }
    expect(known.size).toBe(40)
    expect(known.find(`a ${texts[30]} b`)?.map((hit) => hit.known.number())).toEqual([30])
    expect(known.find('y-start-same-end')?.map((hit) => hit.known.number())).toEqual([0])
    expect(known.find('-art-same-end')).toBeUndefined()
  })

  it('ignore what is too short, and take a text once', () => {
    const known = new KnownSecrets()
    known.add('short', () => 1)
    known.add('longer-1', () => 1)
    known.add('longer-1', () => 2)
    expect(known.size).toBe(1)
    expect(new KnownSecrets().find('anything')).toBeUndefined()
  })
})
