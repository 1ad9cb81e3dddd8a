import { FormatError } from '../errors.ts'
import { inlineValue } from './emit.ts'
import { LocatedDocument, type PathStep, type ValuePlace } from './locate.ts'
import { doubleQuoted, formatString, isSafeInFlow, isSafePlain, literalBlock, singleQuoted } from './scalar.ts'
import { PlainScalar } from './values.ts'

/** A value that a scalar can be set to. */
export type Scalar = string | number | bigint | boolean | null | Uint8Array | PlainScalar

/** The text with one scalar changed: nothing outside of that value's own characters differs. */
export function setScalarInYaml(located: LocatedDocument, path: readonly PathStep[], value: Scalar): string {
  const { text } = located
  const found = located.find(path)
  if (found === undefined) {
    throw new FormatError('KEPLOY_FORMAT_NO_VALUE', `There is no value at ${showPath(path)} to set.`)
  }
  const { place } = found
  if (place.style === 'collection') {
    throw new FormatError(
      'KEPLOY_FORMAT_NO_VALUE',
      `The value at ${showPath(path)} is a list or a mapping: set one of its values.`,
    )
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const written = writeScalar(text, place, value, newline)
  // A tag says what the old value was; it stays only in front of what it still describes.
  const bytes = value instanceof Uint8Array
  const from = place.tagStart < place.start || bytes ? place.tagStart : place.start
  return splice(text, from, place, written, newline)
}

function splice(text: string, from: number, place: ValuePlace, written: string, newline: string): string {
  const before = text.slice(0, from)
  const after = text.slice(place.end)
  const glue = place.style === 'empty' ? glueFor(before, place, newline) : ''
  // A block scalar owns its last line end; anything that replaces it has to end its line as well.
  const endsLine = place.style === 'block' && text.slice(0, place.end).endsWith('\n')
  return before + glue + written + (endsLine ? newline : '') + after
}

/** What has to stand between a key or dash and a value that was absent. */
function glueFor(before: string, place: ValuePlace, newline: string): string {
  if (place.withoutColon) return place.inFlow ? ': ' : `${newline}${' '.repeat(Math.max(place.parentIndent, 0))}: `
  return /[\s[{(]$/.test(before) || before === '' ? '' : ' '
}

function writeScalar(text: string, place: ValuePlace, value: Scalar, newline: string): string {
  const indent = contentIndent(text, place)
  const step = indent - Math.max(place.parentIndent, 0)
  if (typeof value !== 'string') {
    if (!place.inFlow) return inlineValue(value, indent - step, { step, newline })!
    if (value instanceof Uint8Array) return `!!binary ${doubleQuoted(Buffer.from(value).toString('base64'))}`
    return inlineValue(value, 0, { step: 2, newline })!
  }
  if (place.inFlow) {
    if (place.style === 'plain' && isSafeInFlow(value)) return value
    return place.style === 'single' ? (singleQuoted(value) ?? doubleQuoted(value)) : doubleQuoted(value)
  }
  switch (place.style) {
    case 'single':
      return singleQuoted(value) ?? doubleQuoted(value)
    case 'double':
      return doubleQuoted(value)
    case 'block':
      // Blank lines that follow in the file would join a block that keeps its last ones.
      return (value.endsWith('\n\n') ? undefined : literalBlock(value, indent, step, newline)) ?? doubleQuoted(value)
    default:
      if (isSafePlain(value)) return value
      return value.includes('\n') ? doubleQuoted(value) : formatString(value, indent, step, newline)
  }
}

/** The indentation of a block scalar's lines: that of the old ones where there are any. */
function contentIndent(text: string, place: ValuePlace): number {
  const fallback = Math.max(place.parentIndent, 0) + 2
  if (place.style !== 'block') return fallback
  for (const line of text.slice(place.start, place.end).split('\n').slice(1)) {
    const at = line.search(/[^ \r]/)
    if (at > place.parentIndent) return explicitIndent(text, place) ?? at
  }
  return fallback
}

function explicitIndent(text: string, place: ValuePlace): number | undefined {
  const digit = /^[|>][-+]?([1-9])/.exec(text.slice(place.start, place.start + 4))?.[1]
  return digit === undefined ? undefined : Math.max(place.parentIndent, 0) + Number(digit)
}

function showPath(path: readonly PathStep[]): string {
  return path.length === 0 ? 'the top of the document' : path.join('.')
}
