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
  if (take(text, columns).length === text.length) return text
  if (columns <= 0) return ''
  const room = columns - 1
  const head = take(text, where === 'end' ? room : Math.ceil(room / 2))
  return where === 'end' ? `${head}…` : `${head}…${takeEnd(text, Math.floor(room / 2))}`
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
  let width = 0
  for (const [index, word] of text.split(' ').entries()) {
    const wordWidth = textWidth(word)
    if (index > 0 && width + 1 + wordWidth <= limit) {
      line += ` ${word}`
      width += 1 + wordWidth
      continue
    }
    if (index > 0) lines.push(line)
    const pieces = wordWidth <= limit ? [word] : breakWord(word, limit)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1) ?? ''
    width = textWidth(line)
  }
  lines.push(line)
  return lines
}

function breakWord(word: string, limit: number): string[] {
  const pieces: string[] = []
  let piece = ''
  let width = 0
  for (const { segment } of segmenter.segment(word)) {
    const more = graphemeWidth(segment)
    if (width + more > limit) {
      pieces.push(piece)
      piece = ''
      width = 0
    }
    piece += segment
    width += more
  }
  return [...pieces, piece]
}

// Segments lazily: a value of a megabyte costs no more than the columns that are shown of it.
function take(text: string, columns: number): string {
  let end = 0
  let width = 0
  for (const { segment, index } of segmenter.segment(text)) {
    width += graphemeWidth(segment)
    if (width > columns) break
    end = index + segment.length
  }
  return text.slice(0, end)
}

// No character that people write is longer than this many code units.
const LONGEST = 32

function takeEnd(text: string, columns: number): string {
  const parts = [...segmenter.segment(text.slice(-(columns + 1) * LONGEST))].map(({ segment }) => segment)
  let start = parts.length
  let width = 0
  while (start > 1) {
    width += graphemeWidth(parts[start - 1] ?? '')
    if (width > columns) break
    start -= 1
  }
  return parts.slice(start).join('')
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
