const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const PLAIN = /^[\u0020-\u007e]*$/
const ZERO = /^(?:\p{M}|\u200c|\u200d)+$/u
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u

/**
 * Columns that a text without control characters takes in a terminal.
 *
 * @example
 * textWidth('日本') // 4
 */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text cut to a number of columns; an ellipsis stands where something was left out, at the end or in the middle. */
export function truncate(text: string, columns: number, where: 'end' | 'middle' = 'end'): string {
  if (textWidth(text) <= columns) return text
  if (columns <= 0) return ''
  const parts = [...segmenter.segment(text)].map(({ segment }) => segment)
  const room = columns - 1
  const head = take(parts, where === 'end' ? room : Math.ceil(room / 2))
  if (where === 'end') return `${head}…`
  return `${head}…${take(parts.toReversed(), Math.floor(room / 2), true)}`
}

/** Spaces added after the text, up to a number of columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)))
}

/** Spaces added before the text, up to a number of columns. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - textWidth(text))) + text
}

/** The text in lines of at most so many columns, broken at spaces where there are any. */
export function wrap(text: string, columns: number): string[] {
  const limit = Math.max(8, columns)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (textWidth(joined) <= limit) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (textWidth(line) > limit) {
      const head = take(
        [...segmenter.segment(line)].map(({ segment }) => segment),
        limit,
      )
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  lines.push(line)
  return lines
}

function take(parts: readonly string[], columns: number, reversed = false): string {
  const kept: string[] = []
  let width = 0
  for (const part of parts) {
    width += graphemeWidth(part)
    if (width > columns) break
    kept.push(part)
  }
  return (reversed ? kept.toReversed() : kept).join('')
}

function graphemeWidth(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0
  if (EMOJI.test(grapheme)) return 2
  return isWide(grapheme.codePointAt(0) ?? 0) ? 2 : 1
}

function isWide(code: number): boolean {
  return (
    code >= 0x1100 &&
    (code <= 0x115f ||
      (code >= 0x2e80 && code <= 0x303e) ||
      (code >= 0x3041 && code <= 0xa4cf) ||
      (code >= 0xa960 && code <= 0xa97f) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0xffe0 && code <= 0xffe6) ||
      (code >= 0x20000 && code <= 0x3fffd))
  )
}
