import { resolveNumber } from './schema.ts'

const words = new Set([
  '',
  '~',
  'null',
  'true',
  'false',
  'yes',
  'no',
  'on',
  'off',
  'y',
  'n',
  '<<',
  '=',
  '.nan',
  '.inf',
  '+.inf',
  '-.inf',
])
// Printable as Go's YAML library has it: all else is escaped, or it could not read the file back.
const notPrintable = /[^\t\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u
const numberLike = /^[-+.]?[0-9]/
const indicatorFirst = /^[\s,[\]{}#&*!|>'"%@`]/

/** Whether a text has characters that only a double-quoted scalar can carry. */
export function needsEscapes(text: string): boolean {
  return notPrintable.test(text)
}

/**
 * Whether a string may be written plain and is read back as the same string by YAML 1.1 and 1.2 readers alike, in
 * block and flow context.
 */
export function isSafePlain(text: string): boolean {
  if (text.length < 7 && words.has(text.toLowerCase())) return false
  if (indicatorFirst.test(text)) return false
  const first = text.charCodeAt(0)
  if (first === 45 || first === 63 || first === 58) {
    // `-`, `?`, `:` begin a plain scalar only in front of something.
    const second = text.charCodeAt(1)
    if (Number.isNaN(second) || second === 32 || second === 9) return false
    if (first === 63 || first === 58) return false
  }
  if (text.startsWith('---') || text.startsWith('...')) return false
  if (numberLike.test(text) && !isPlainDespiteDigits(text)) return false
  if (resolveNumber(text) !== undefined) return false
  const last = text.charCodeAt(text.length - 1)
  if (last === 32 || last === 58) return false
  if (text.includes(': ') || text.includes(' #') || text.includes('\n') || text.includes('\t')) return false
  return !needsEscapes(text)
}

const dateLike = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt ])/
// Numbers to the base of 60 (`1:30`), which YAML 1.1 had.
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

function isPlainDespiteDigits(text: string): boolean {
  return !dateLike.test(text) && !sexagesimal.test(text) && resolveNumber(text.replaceAll('_', '')) === undefined
}

/** Whether a plain scalar keeps its meaning inside `[…]` and `{…}`. */
export function isSafeInFlow(text: string): boolean {
  return isSafePlain(text) && !/[,[\]{}:]/.test(text)
}

const escapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\u000b': '\\v',
  '\f': '\\f',
  '\u001b': '\\e',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}
const toEscape = /["\\]|[^\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu

/** A double-quoted scalar on one line. */
export function doubleQuoted(text: string): string {
  return `"${text.replace(toEscape, (char) => {
    const known = escapes[char]
    if (known !== undefined) return known
    const code = char.codePointAt(0)!
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })}"`
}

/** A single-quoted scalar, or `undefined` when the text has line breaks or characters that need escapes. */
export function singleQuoted(text: string): string | undefined {
  if (text.includes('\n') || text.includes('\t') || needsEscapes(text)) return undefined
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * A block literal (`|`) whose lines are indented by `indent` spaces, or `undefined` when this text can't be one.
 * `step` is how much deeper than its parent the content stands; it is written when the text begins with white space.
 */
export function literalBlock(text: string, indent: number, step: number, newline = '\n'): string | undefined {
  if (text === '' || needsEscapes(text) || /[ \t](?:\n|$)/.test(text) || step > 9) return undefined
  const lead = text.charCodeAt(0)
  if (lead === 9) return undefined
  const hint = lead === 32 || lead === 10 ? String(step) : ''
  const body = text.replace(/\n+$/, '')
  if (body === '') return undefined
  const breaks = text.length - body.length
  const chomp = breaks === 0 ? '-' : breaks === 1 ? '' : '+'
  const pad = ' '.repeat(indent)
  const lines = body.split('\n').map((line) => (line === '' ? '' : pad + line))
  return `|${hint}${chomp}${newline}${lines.join(newline)}${newline.repeat(Math.max(breaks - 1, 0))}`
}

/** A string in the style that Go's YAML library would choose, without its line end. */
export function formatString(text: string, indent: number, step: number, newline = '\n'): string {
  if (text.includes('\n')) return literalBlock(text, indent, step, newline) ?? doubleQuoted(text)
  if (isSafePlain(text)) return text
  if (words.has(text.toLowerCase()) || (numberLike.test(text) && !isPlainDespiteDigits(text))) return doubleQuoted(text)
  return singleQuoted(text) ?? doubleQuoted(text)
}
