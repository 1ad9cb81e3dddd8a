import { describe, expect, it } from 'vitest'

import { parseDuration, parseSize } from './units.ts'

describe('units', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['5s', 5_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['500ms', 500],
    ['10us', 0.01],
  ])('reads the duration %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it.each(['', '5', 's', '5 s', '-1s', '5d', '1m,2s'])('refuses %j as a duration', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it.each([
    ['1024', 1_024],
    ['1MiB', 1_048_576],
    ['1 MB', 1_000_000],
    ['2k', 2_048],
    ['1.5KiB', 1_536],
  ])('reads the size %s', (text, expected) => {
    expect(parseSize(text)).toBe(expected)
  })

  it.each(['', 'x', '-1', '1 XB'])('refuses %j as a size', (text) => {
    expect(parseSize(text)).toBeUndefined()
  })
})
