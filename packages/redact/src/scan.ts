import { findInText } from './find-in-text.ts'
import { KeyClasses } from './key-names.ts'

/** A secret that stands in a text. The secret itself is not in it. */
export interface SecretFinding {
  readonly kind: string
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 units. */
  readonly column: number
  /** Offsets in the text. */
  readonly start: number
  readonly end: number
  /** Its first characters (a quarter, at most 4) and its length, enough to find it and too little to use it. */
  readonly preview: string
}

/**
 * Finds secrets in a text that should hold none, such as a file that is to be committed. Placeholders are none.
 *
 * @example
 * scanText('password=hunter22').length // 1
 */
export function scanText(text: string, options: { readonly keys?: readonly string[] } = {}): SecretFinding[] {
  const found: { start: number; end: number; value: string; kind: string }[] = []
  findInText(text, new KeyClasses(options.keys), {
    secret: (start, end, value, kind) => found.push({ start, end, value, kind }),
    replace: () => {},
  })
  found.sort((a, b) => a.start - b.start)
  let line = 1
  let lineStart = 0
  return found.map(({ start, end, value, kind }) => {
    for (let next = text.indexOf('\n', lineStart); next !== -1 && next < start; next = text.indexOf('\n', lineStart)) {
      line++
      lineStart = next + 1
    }
    const shown = value.slice(0, Math.min(4, value.length >> 2))
    return { kind, line, column: start - lineStart + 1, start, end, preview: `${shown}… (${value.length} characters)` }
  })
}
