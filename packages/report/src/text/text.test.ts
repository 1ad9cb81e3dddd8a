import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { diffLines } from './diff-lines.ts'
import { count, duration, percent, plural } from './numbers.ts'
import { createPaint } from './paint.ts'
import { toJson, valueText } from './value.ts'
import { visible, visibleKeepingTabs, visibleLines } from './visible.ts'
import { padEnd, padStart, textWidth, truncate, wrap } from './width.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 60 })

describe('visible', () => {
  it('writes out escapes, C1 controls, direction marks and invisible characters', () => {
    expect(visible('a\u001b[31mb\u0007')).toBe('a␛[31mb␇')
    expect(visible('\u009b1m\u0085')).toBe('\\u{9b}1m\\u{85}')
    expect(visible('abc\u202egnp.exe\u2066')).toBe('abc\\u{202e}gnp.exe\\u{2066}')
    expect(visible('a\u200bb\ufeff\ud800\u{e0041}\u007f')).toBe('a\\u{200b}b\\u{feff}\\u{d800}\\u{e0041}␡')
  })

  it('leaves text of any script and emoji sequences alone', () => {
    for (const text of ['Grüße', '日本語', 'नमस्ते', '👩‍👩‍👧', 'مرحبا']) expect(visible(text)).toBe(text)
  })

  it('never leaves a control character, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u)
      }),
    )
  })

  it('splits lines before it makes them visible, and keeps tabs only when asked to', () => {
    expect(visibleLines('a\r\nb\tc')).toEqual(['a', 'b␉c'])
    expect(visibleKeepingTabs('a\tb\u0000')).toBe('a\tb␀')
  })
})

describe('widths', () => {
  it('counts wide characters as two columns, and marks and joiners as none', () => {
    expect(textWidth('abc')).toBe(3)
    expect(textWidth('日本')).toBe(4)
    expect(textWidth('e\u0301')).toBe(1)
    expect(textWidth('👩‍👩‍👧')).toBe(2)
    expect(textWidth('\u0301')).toBe(0)
  })

  it('never gives more columns than asked for, and never cuts a character in two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.nat(30),
        fc.constantFrom<'end' | 'middle'>('end', 'middle'),
        (text, columns, where) => {
          const cut = truncate(text, columns, where)
          expect(textWidth(cut)).toBeLessThanOrEqual(Math.max(columns, 0))
          expect(cut.isWellFormed()).toBe(true)
        },
      ),
    )
  })

  it('shows where something was left out', () => {
    expect(truncate('abcdefgh', 5)).toBe('abcd…')
    expect(truncate('abcdefgh', 5, 'middle')).toBe('ab…gh')
  })

  it('wraps at spaces, breaks words that are too long, and loses nothing', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrap('abcdefghijkl', 8)).toEqual(['abcdefgh', 'ijkl'])
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 8, max: 40 }), (text, columns) => {
        const lines = wrap(text, columns)
        expect(lines.every((line) => textWidth(line) <= columns)).toBe(true)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }),
    )
  })

  it('pads on either side by columns, not by characters', () => {
    expect(padEnd('日', 4)).toBe('日  ')
    expect(padStart('日', 4)).toBe('  日')
  })
})

describe('numbers', () => {
  it('says 100.0 % only when nothing failed, and 0.0 % only when nothing passed', () => {
    expect(percent(9999, 10_000)).toBe('99.9 %')
    expect(percent(99_999, 100_000)).toBe('99.9 %')
    expect(percent(1, 100_000)).toBe('0.1 %')
    expect(percent(9, 9)).toBe('100.0 %')
    expect(percent(0, 0)).toBe('0.0 %')
    expect(percent(8, 9)).toBe('88.9 %')
  })

  it('shows durations in the unit that fits', () => {
    expect([0.4, 999, 999.6, 59_900, 59_960, 125_000].map(duration)).toEqual([
      '0 ms',
      '999 ms',
      '1.0 s',
      '59.9 s',
      '1 min 0 s',
      '2 min 5 s',
    ])
  })

  it('sets thousands apart', () => {
    expect([1, 999, 1000, 1_234_567].map(count)).toEqual(['1', '999', '1,000', '1,234,567'])
    expect(plural(1, 'test')).toBe('1 test')
  })
})

describe('values', () => {
  it('shows what is missing, bytes, big integers and cycles', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(valueText(undefined)).toBe('(nothing)')
    expect(valueText(new Uint8Array(3))).toBe('(3 bytes)')
    expect(valueText({ id: 12_345_678_901_234_567_890n })).toBe('{"id":12345678901234567890}')
    expect(valueText(cycle)).toBe('"[object Object]"')
    expect(toJson(() => 1)).toBe('null')
  })
})

describe('diffLines', () => {
  const line = fc.constantFrom('a', 'b', 'c', 'd')

  it('leads from one side to the other, with no more edits than needed', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (left, right) => {
        const edits = diffLines(left, right)
        expect(edits.flatMap((edit) => (edit.type === 'added' ? [] : [left[edit.left]]))).toEqual(left)
        expect(edits.flatMap((edit) => (edit.type === 'removed' ? [] : [right[edit.right]]))).toEqual(right)
        const same = edits.filter((edit) => edit.type === 'same')
        expect(same.every((edit) => left[edit.left] === right[edit.right])).toBe(true)
        expect(same).toHaveLength(longestCommon(left, right))
      }),
    )
  })

  it('shows two long, wholly different texts as replaced', () => {
    const edits = diffLines(
      Array.from({ length: 2000 }, (_, i) => `l${i}`),
      Array.from({ length: 2000 }, (_, i) => `r${i}`),
    )
    expect(edits).toHaveLength(4000)
  })
})

it('paints only when it may', () => {
  expect(createPaint(false)('bad', 'x')).toBe('x')
  expect(createPaint(true)('bad', 'x')).toBe('\u001b[31mx\u001b[39m')
})

function longestCommon(left: readonly string[], right: readonly string[]): number {
  let above = Array.from({ length: right.length + 1 }, () => 0)
  for (const a of left) {
    const row = [0]
    for (const [j, b] of right.entries()) {
      row.push(a === b ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0))
    }
    above = row
  }
  return above.at(-1) ?? 0
}
