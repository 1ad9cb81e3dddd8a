import { isCardNumber } from './card-number.ts'
import { decodePercent, formAt } from './find-forms.ts'
import type { KeyClass, KeyClasses } from './key-names.ts'
import { isPlaceholder } from './placeholders.ts'
import type { Sink } from './sink.ts'
import { WORD, wordEnd } from './words.ts'

/** The words in front of credentials that stay readable. */
const SCHEMES = new Set([
  'bearer',
  'basic',
  'token',
  'digest',
  'negotiate',
  'ntlm',
  'apikey',
  'api-key',
  'dpop',
  'hawk',
  'oauth',
  'key',
  'jwt',
  'scram-sha-256',
  'aws4-hmac-sha256',
  'hmac',
  'signature',
  'splunk',
  'ssws',
])

/** What stands for a value and is none. */
const NO_VALUE = new Set([
  'null',
  'nil',
  'none',
  'undefined',
  'true',
  'false',
  'string',
  'str',
  'number',
  'int',
  'integer',
  'bool',
  'boolean',
  'any',
  'optional',
  'required',
  'invalid',
  'missing',
  'expired',
  'redacted',
  '[redacted]',
  '<redacted>',
  '(redacted)',
  '[filtered]',
  'xxx',
  'xxxx',
  'xxxxx',
  'xxxxxx',
  'xxxxxxxx',
])

/** Whether a value under a secret key is none: empty, a mask, a placeholder. */
export function isNoValue(value: string): boolean {
  if (value.length === 0 || isPlaceholder(value)) return true
  const first = value.charCodeAt(0)
  if (first === 42 || first === 36 || value.charCodeAt(value.length - 1) === 42) {
    for (let i = 0; i < value.length; i++)
      if (value.charCodeAt(i) !== 42 && value.charCodeAt(i) !== 46) return first === 36 && value.charCodeAt(1) === 123
    return true
  }
  return value.length <= 12 && NO_VALUE.has(value.toLowerCase())
}

/** Where the credentials start behind a scheme word (`Bearer `); 0 when there is no scheme word. */
export function schemeEnd(value: string): number {
  const space = value.indexOf(' ')
  if (space <= 0 || space > 20 || !SCHEMES.has(value.slice(0, space).toLowerCase())) return 0
  let i = space
  while (value.charCodeAt(i) === 32) i++
  return i
}

/** The kind that a secret found by its key is given. */
export function kindOfKey(kind: KeyClass, name: string): string {
  switch (kind) {
    case 'authorization':
      return 'credentials'
    case 'cookie':
    case 'set-cookie':
      return 'cookie'
    case 'card':
      return 'card number'
    default:
      return `${name.length > 64 ? name.slice(0, 64) : name} field`
  }
}

/** Whether the text under a key of this class is secret. */
export function isSecretValue(kind: KeyClass, value: string): boolean {
  if (isNoValue(value)) return false
  if (kind === 'card') return isCardNumber(value.replaceAll(/[ -]/g, ''))
  if (kind === 'digits') return value.length >= 3 && value.length <= 12 && /^[0-9A-Za-z-]+$/.test(value)
  return true
}

/** Whether a bare JSON number under a key of this class is secret. */
export function isSecretNumber(kind: KeyClass, digits: string): boolean {
  if (kind === 'password') return true
  if (kind === 'card') return isCardNumber(digits)
  return kind === 'digits' && /^\d{3,12}$/.test(digits)
}

/** Gives the parts of `a=1; b=2` (from `start` to `end`) that are cookie values. */
export function findCookies(text: string, start: number, end: number, onlyFirst: boolean, sink: Sink): void {
  let i = start
  while (i < end) {
    let stop = text.indexOf(';', i)
    if (stop === -1 || stop > end) stop = end
    const equals = text.indexOf('=', i)
    let from = equals === -1 || equals >= stop ? stop : equals + 1
    let to = stop
    while (to > from && text.charCodeAt(to - 1) <= 32) to--
    if (to - from > 1 && text.charCodeAt(from) === 34 && text.charCodeAt(to - 1) === 34) {
      from++
      to--
    }
    const value = text.slice(from, to)
    if (value.length > 0 && !isPlaceholder(value)) sink.secret(from, to, decodePercent(value), 'cookie')
    if (onlyFirst) return
    i = stop + 1
  }
}

const BARE_END = new Uint8Array(128)
for (const c of ' \t\r\n,;&"\'<>)}]|`\\') BARE_END[c.charCodeAt(0)] = 1

/** The value behind `key=`, `key: `, `"key": "`; tells where it ends (0: no value there). */
function keyedValue(text: string, wordStart: number, end: number, keys: KeyClasses, sink: Sink): number {
  let i = end
  let quote = 0
  let escapes = 0
  while (text.charCodeAt(i) === 92 && escapes < 4) {
    escapes++
    i++
  }
  let c = text.charCodeAt(i)
  if (c === 34 || c === 39) {
    quote = c
    c = text.charCodeAt(++i)
  } else if (escapes > 0) return 0
  for (let spaces = 0; c === 32 && spaces < 4; spaces++) c = text.charCodeAt(++i)
  if (c !== 61 && c !== 58) return 0
  const name = text.slice(wordStart, end)
  const kind = keys.of(name)
  if (!kind) return 0
  const equals = c === 61
  c = text.charCodeAt(++i)
  if (c === 62 || c === 61) c = text.charCodeAt(++i)
  for (let spaces = 0; (c === 32 || c === 9) && spaces < 8; spaces++) c = text.charCodeAt(++i)
  let skipped = i
  while (text.charCodeAt(skipped) === 92 && skipped - i < 4) skipped++
  const opening = text.charCodeAt(skipped)
  if (opening === 34 || opening === 39) {
    return quotedValue(text, skipped + 1, opening, skipped - i, kind, name, sink)
  }
  return bareValue(text, i, kind, name, equals, quote === 34, sink)
}

function quotedValue(
  text: string,
  from: number,
  quote: number,
  escapes: number,
  kind: KeyClass,
  name: string,
  sink: Sink,
): number {
  let i = from
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === quote || c === 10) break
    if (c === 92) {
      // In text that is itself quoted, the closing quote is escaped as the opening one was.
      if (escapes > 0 && text.charCodeAt(i + escapes) === quote) break
      i++
    }
  }
  const stop = Math.min(i, text.length)
  found(text, from, stop, kind, name, sink)
  return Math.max(stop, from)
}

function bareValue(
  text: string,
  from: number,
  kind: KeyClass,
  name: string,
  equals: boolean,
  inJson: boolean,
  sink: Sink,
): number {
  if (kind === 'cookie' || kind === 'set-cookie') {
    let line = text.indexOf('\n', from)
    if (line === -1) line = text.length
    if (text.indexOf('=', from) >= line) return 0
    findCookies(text, from, line, kind === 'set-cookie', sink)
    return line
  }
  let start = from
  if (kind === 'authorization' || kind === 'token') start += schemeEnd(text.slice(from, from + 40))
  let i = start
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 128 && BARE_END[c] === 1) break
  }
  const value = text.slice(start, i)
  if (value.length === 0) return 0
  if (inJson && /^-?\d/.test(value)) {
    if (isSecretNumber(kind, value)) sink.secret(start, i, value, `${kindOfKey(kind, name)} (number)`, '"')
    return i
  }
  // In running text a colon is often only a colon: `token: expected a string`.
  if (!equals && kind === 'token' && start === from && !(value.length >= 8 && /\d/.test(value))) return 0
  if (value.startsWith('{') || value.startsWith('[') || value.startsWith('(')) return 0
  found(text, start, i, kind, name, sink)
  return i
}

function found(text: string, start: number, end: number, kind: KeyClass, name: string, sink: Sink): void {
  const whole = text.slice(start, end)
  const skip = kind === 'card' || kind === 'digits' ? 0 : schemeEnd(whole)
  const value = skip ? whole.slice(skip) : whole
  if (isSecretValue(kind, value)) sink.secret(start + skip, end, decodePercent(value), kindOfKey(kind, name))
}

/** The text of `<password …>text</password>`; tells where it ends (0: none). */
function elementValue(text: string, start: number, end: number, keys: KeyClasses, sink: Sink): number {
  const before = text.charCodeAt(start - 1)
  if (before !== 60 && before !== 58) return 0
  const name = text.slice(start, end)
  const kind = keys.of(name)
  if (!kind) return 0
  let open = end
  while (open < text.length && open < end + 512 && text.charCodeAt(open) !== 62) {
    if (text.charCodeAt(open) === 60) return 0
    open++
  }
  if (text.charCodeAt(open) !== 62 || text.charCodeAt(open - 1) === 47) return 0
  let close = text.indexOf('<', open + 1)
  if (close === -1) close = text.length
  let from = open + 1
  let to = close
  if (text.startsWith('<![CDATA[', from)) {
    from += 9
    const cdata = text.indexOf(']]>', from)
    to = cdata === -1 ? text.length : cdata
  }
  while (from < to && text.charCodeAt(from) <= 32) from++
  while (to > from && text.charCodeAt(to - 1) <= 32) to--
  if (to > from) found(text, from, to, kind, name, sink)
  return Math.max(to, open + 1)
}

/** `<input name="csrf_token" value="…">`: the value belongs to the name beside it. */
function inputValue(text: string, end: number, keys: KeyClasses, sink: Sink): void {
  let close = end
  while (close < text.length && close < end + 2048 && text.charCodeAt(close) !== 62 && text.charCodeAt(close) !== 60)
    close++
  const tag = text.slice(end, close)
  const name = /\sname\s?=\s?["']?([\w.[\]-]{1,64})/i.exec(tag)?.[1]
  const kind = name === undefined ? undefined : keys.of(name)
  if (name === undefined || !kind) return
  const value = /\s(?:value|content)\s?=\s?(?:"([^"]*)"|'([^']*)')/i.exec(tag)
  const inner = value?.[1] ?? value?.[2]
  if (!value || inner === undefined) return
  const from = end + value.index + value[0].length - 1 - inner.length
  found(text, from, from + inner.length, kind, name, sink)
}

/**
 * Finds secrets in text of any kind: known forms, and values behind keys in the ways people write them (`key=value`,
 * `key: value`, `"key": "value"`, `<key>value</key>`, header lines). One pass; every character is looked at a bounded
 * number of times.
 */
export function findInText(text: string, keys: KeyClasses, sink: Sink): void {
  const length = text.length
  let i = 0
  while (i < length) {
    const c = text.charCodeAt(i)
    if (c >= 128 || WORD[c] === 0) {
      i++
      continue
    }
    const end = wordEnd(text, i)
    let next = formAt(text, i, end, sink)
    if (next === 0 && end < length && end - i <= 64) {
      const after = text.charCodeAt(end)
      if (after === 61 || after === 58 || after === 34 || after === 39 || after === 32 || after === 92) {
        next = keyedValue(text, i, end, keys, sink)
      }
      if (next === 0 && i > 0 && (after === 62 || after === 32)) {
        const before = text.charCodeAt(i - 1)
        if (before === 60 || before === 58) {
          if (end - i === 5 || end - i === 4) {
            const tag = text.slice(i, end).toLowerCase()
            if (tag === 'input' || tag === 'meta') inputValue(text, end, keys, sink)
          }
          next = elementValue(text, i, end, keys, sink)
        }
      }
    }
    i = next || end
  }
}
