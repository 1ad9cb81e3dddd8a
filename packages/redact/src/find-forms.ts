import { isCardNumber } from './card-number.ts'
import type { JsonFindings } from './find-in-json.ts'
import { closingQuote } from './json-string.ts'
import type { Sink } from './sink.ts'
import { TOKEN_FORMS, type TokenForm } from './token-forms.ts'
import { isWord, WORD, wordEnd } from './words.ts'

/** Forms by their first character, so that most words cost one look. */
const FORMS: (readonly TokenForm[] | undefined)[] = []
for (const form of TOKEN_FORMS) {
  const first = form.prefix.charCodeAt(0)
  FORMS[first] = [...(FORMS[first] ?? []), form]
}
const INTERESTING = new Uint8Array(128)
for (let c = 0; c < 128; c++) if (FORMS[c] || c === 101 || c === 45 || WORD[c] === 2) INTERESTING[c] = 1

const HEX = /^[0-9a-fA-F]+$/
const UPPER = /^[A-Z0-9]+$/
const ALNUM = /^[A-Za-z0-9]+$/

/** The end of a word that goes on over single dots, at most `parts` of them. */
function dottedEnd(text: string, end: number, parts: number): number {
  let reached = end
  for (let part = 0; part < parts && text.charCodeAt(reached) === 46; part++) {
    const next = wordEnd(text, reached + 1)
    if (next === reached + 1) break
    reached = next
  }
  return reached
}

function matchForm(text: string, start: number, end: number, form: TokenForm): number {
  if (!text.startsWith(form.prefix, start)) return 0
  const stop = form.dots ? dottedEnd(text, end, 2) : end
  const size = stop - start - form.prefix.length
  if (size < form.min || (form.max !== undefined && size > form.max)) return 0
  if (form.dots && (text.charCodeAt(start + form.prefix.length) !== 46 || stop === end)) return 0
  if (form.only) {
    const body = text.slice(start + form.prefix.length, stop)
    if (!(form.only === 'hex' ? HEX : form.only === 'upper' ? UPPER : ALNUM).test(body)) return 0
  }
  return stop
}

/** `eyJ….eyJ….sig`, an encrypted token with five parts, or one without signature. */
function jwtEnd(text: string, start: number, end: number): number {
  if (end - start < 10 || !text.startsWith('eyJ', start) || text.charCodeAt(end) !== 46) return 0
  const stop = dottedEnd(text, end, 4)
  const second = text.slice(end + 1, end + 4)
  const dots = text.slice(start, stop).split('.').length - 1
  if (second === 'eyJ') return stop
  return dots >= 3 || (dots === 2 && stop - start > 60) ? stop : 0
}

/**
 * A key block from `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the text when it is cut. In JSON it ends
 * with its string.
 */
function privateKeyEnd(text: string, start: number, inJson: boolean): number {
  if (!text.startsWith('-----BEGIN ', start)) return 0
  const quote = inJson ? closingQuote(text, start) : -1
  const stop = quote === -1 ? text.length : quote
  if (!text.slice(start, Math.min(start + 64, stop)).includes('PRIVATE KEY')) return 0
  const end = text.indexOf('-----END ', start)
  if (end === -1 || end >= stop) return stop
  const dashes = text.indexOf('-----', end + 9)
  return dashes === -1 || dashes > end + 64 || dashes + 5 > stop ? stop : dashes + 5
}

/** Digits in groups of four (`4111 1111 1111 1111`), or in one word. */
function cardEnd(text: string, start: number, end: number): number {
  const size = end - start
  if (size >= 14 && size <= 16) return isCardNumber(text.slice(start, end)) ? end : 0
  if (size === 19 && text.charCodeAt(start + 4) === 45) {
    return isCardNumber(text.slice(start, end).replaceAll('-', '')) ? end : 0
  }
  if (size !== 4 || text.charCodeAt(end) !== 32) return 0
  const groups = text.slice(start, start + 19)
  return /^\d{4} \d{4} \d{4} \d{4}$/.test(groups) &&
    !isWord(text.charCodeAt(start + 19)) &&
    isCardNumber(groups.replaceAll(' ', ''))
    ? start + 19
    : 0
}

/** The password of `scheme://user:password@host`; `at` is where `://` ends. */
function credentials(text: string, at: number, sink: Sink): number {
  let i = at
  let lastAt = -1
  let colon = -1
  for (; i < text.length && i < at + 2048; i++) {
    const c = text.charCodeAt(i)
    if (c <= 32 || c === 47 || c === 63 || c === 35 || c === 34 || c === 39 || c === 60 || c === 62 || c === 92) break
    if (c === 64) lastAt = i
    else if (c === 58 && colon === -1) colon = i
  }
  if (lastAt <= colon || lastAt === -1) return at
  // `https://token@host`: a lone user name is a secret only by its form, which the scan of words finds.
  if (colon === -1 || lastAt === colon + 1) return at
  const value = text.slice(colon + 1, lastAt)
  if (value.startsWith('{{secret.') || value === '***' || value.startsWith('${')) return lastAt
  sink.secret(colon + 1, lastAt, decodePercent(value), 'password in a URL')
  return lastAt
}

/** Percent-decoding that never throws. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Looks at the word `[start, end)` for a known form; tells where to go on (0: no form here).
 */
export function formAt(text: string, start: number, end: number, sink: Sink, inJson = false): number {
  const first = text.charCodeAt(start)
  let stop = 0
  if (INTERESTING[first] === 1) {
    if (WORD[first] === 2) {
      stop = cardEnd(text, start, end)
      if (stop) {
        sink.secret(start, stop, text.slice(start, stop), 'card number')
        return stop
      }
    } else if (first === 45) {
      stop = privateKeyEnd(text, start, inJson)
      if (stop) {
        sink.secret(start, stop, text.slice(start, stop), 'private key')
        return stop
      }
    } else {
      if (first === 101) {
        stop = jwtEnd(text, start, end)
        if (stop) {
          sink.secret(start, stop, text.slice(start, stop), 'JWT')
          return stop
        }
      }
      for (const form of FORMS[first] ?? []) {
        stop = matchForm(text, start, end, form)
        if (stop) {
          sink.secret(start, stop, text.slice(start, stop), form.kind)
          return stop
        }
      }
    }
  }
  if (text.charCodeAt(end) === 58 && text.charCodeAt(end + 1) === 47 && text.charCodeAt(end + 2) === 47) {
    return credentials(text, end + 3, sink)
  }
  return 0
}

/**
 * Finds known forms of tokens, keys and cards anywhere in a text, in one pass.
 *
 * @param json what is known of a text that is JSON as a whole; bare numbers in it are no cards
 */
export function findForms(text: string, sink: Sink, json?: JsonFindings): void {
  const numbers = json?.numbers
  const inJson = json?.whole === true
  const length = text.length
  let i = 0
  while (i < length) {
    const c = text.charCodeAt(i)
    if (c >= 128 || WORD[c] === 0) {
      i++
      continue
    }
    const end = wordEnd(text, i)
    i = (numbers?.has(i) === true ? 0 : formAt(text, i, end, sink, inJson)) || end
  }
}

/** Whether a text ends inside something that may be the beginning of a known form. */
export function endsInForm(text: string): boolean {
  let start = text.length
  while (
    start > 0 &&
    text.length - start < 4096 &&
    (isWord(text.charCodeAt(start - 1)) || text.charCodeAt(start - 1) === 46)
  )
    start--
  const tail = text.slice(start)
  if (tail.length < 3) return false
  return tail.startsWith('eyJ') || TOKEN_FORMS.some((form) => form.prefix.length > 2 && tail.startsWith(form.prefix))
}
