import { findInText, isNoValue, isSecretNumber, isSecretValue, kindOfKey, schemeEnd } from './find-in-text.ts'
import type { PathMatcher } from './json-path.ts'
import { closingQuote } from './json-string.ts'
import { normaliseKey, VALUE_KEYS, type KeyClass, type KeyClasses } from './key-names.ts'
import type { Sink } from './sink.ts'

/** What redacts a text inside a JSON string: nested JSON, or text. */
export type NestedRedaction = (text: string) => string

interface Frame {
  readonly object: boolean
  /** The class that an array hands to its strings, or an object to its `value`. */
  readonly inherited: KeyClass | undefined
  /** A configured path covers everything in it. */
  readonly covered: boolean
  index: number
}

/** What a string literal says; undefined when it is none, as in text that only looks like JSON. */
function unescape(raw: string): string | undefined {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return undefined
  }
}

/** What {@link findInJson} learned beside the secrets. */
export interface JsonFindings {
  /** Every bracket and string was closed, and there was no literal that JSON does not have. */
  readonly whole: boolean
  /** The text ends inside a string. */
  readonly openString: boolean
  /** Where long bare numbers start: without a key that says so they are ids and times, not cards. */
  readonly numbers: ReadonlySet<number> | undefined
}

/**
 * Finds secrets in JSON text without parsing it: only the ranges of secret values are named, so numbers, key order and
 * spacing of everything else stay as they are. Takes broken JSON too.
 */
export function findInJson(
  text: string,
  keys: KeyClasses,
  paths: PathMatcher | undefined,
  sink: Sink,
  nested: NestedRedaction,
): JsonFindings {
  const length = text.length
  const stack: Frame[] = []
  let frame: Frame | undefined
  let whole = true
  let key: string | undefined
  let keyKnown = false
  let backslash = text.indexOf('\\')
  let equals = text.indexOf('=')
  let values = 0
  let numbers: Set<number> | undefined
  let i = 0
  const path: (string | number)[] = []

  /** What the position says about the value that begins here. */
  const classHere = (): KeyClass | undefined => {
    if (!frame) return undefined
    if (!frame.object) return frame.inherited
    if (key === undefined) return undefined
    const own = keys.of(key)
    if (own) return own
    return frame.inherited && VALUE_KEYS.has(normaliseKey(key)) ? frame.inherited : undefined
  }
  const coveredHere = (): boolean => {
    if (!paths) return false
    if (frame?.covered) return true
    path.length = stack.length
    if (frame) path[stack.length - 1] = frame.object ? (key ?? '') : frame.index
    return paths.matches(path)
  }

  while (i < length) {
    const c = text.charCodeAt(i)
    if (c <= 32) {
      i++
    } else if (c === 34) {
      const close = closingQuote(text, i + 1)
      const end = close === -1 ? length : close
      if (backslash !== -1 && backslash < i) backslash = text.indexOf('\\', i)
      const escaped = backslash !== -1 && backslash < end
      if (frame?.object && !keyKnown) {
        const raw = end - i > 400 ? '' : text.slice(i + 1, end)
        key = (escaped ? unescape(raw) : undefined) ?? raw
        keyKnown = true
      } else {
        values++
        stringValue(i + 1, end, escaped, classHere(), coveredHere())
      }
      if (close === -1) return { whole: false, openString: true, numbers }
      i = close + 1
    } else if (c === 123 || c === 91) {
      const inherited = classHere()
      const covered = coveredHere()
      values++
      frame = { object: c === 123, inherited, covered, index: 0 }
      stack.push(frame)
      keyKnown = false
      key = undefined
      i++
    } else if (c === 125 || c === 93) {
      const closed = stack.pop()
      if (!closed || closed.object !== (c === 125)) whole = false
      frame = stack.at(-1)
      key = undefined
      keyKnown = frame?.object === true
      i++
    } else if (c === 44) {
      if (frame) {
        if (frame.object) keyKnown = false
        else frame.index++
      }
      i++
    } else if (c === 58) {
      i++
    } else {
      let end = i + 1
      for (; end < length; end++) {
        const d = text.charCodeAt(end)
        if (d <= 32 || d === 44 || d === 93 || d === 125 || d === 58 || d === 34 || d === 123 || d === 91) break
      }
      values++
      if (!literal(i, end)) whole = false
      i = end
    }
  }
  return { whole: whole && stack.length === 0 && values > 0, openString: false, numbers }

  /** Whether the string has an `=`; where the next one stands is remembered, so that looking stays linear. */
  function equalsBefore(start: number, end: number): boolean {
    if (equals !== -1 && equals < start) equals = text.indexOf('=', start)
    return equals !== -1 && equals < end
  }

  function literal(start: number, end: number): boolean {
    const first = text.charCodeAt(start)
    if (first === 45 || (first >= 48 && first <= 57)) {
      if (end - start >= 14) {
        numbers ??= new Set()
        numbers.add(start)
        for (let i = start + 1; i < end; i++) {
          const c = text.charCodeAt(i - 1)
          if (c === 46 || c === 43) numbers.add(i)
        }
      }
      const kind = classHere()
      if (coveredHere()) sink.secret(start, end, text.slice(start, end), 'configured path (number)', '"')
      else if (kind) {
        const digits = text.slice(start, end)
        if (isSecretNumber(kind, digits)) sink.secret(start, end, digits, `${kindOfKey(kind, key ?? '')} (number)`, '"')
      }
      return true
    }
    const word = text.slice(start, end)
    return word === 'true' || word === 'false' || word === 'null'
  }

  function stringValue(
    start: number,
    end: number,
    escaped: boolean,
    kind: KeyClass | undefined,
    covered: boolean,
  ): void {
    if (kind || covered) {
      const raw = text.slice(start, end)
      const value = (escaped ? unescape(raw) : undefined) ?? raw
      if (covered) {
        if (!isNoValue(value)) sink.secret(start, end, value, 'configured path')
        return
      }
      if (kind) {
        const array = frame?.object === false
        // A list of sentences under `password` holds messages about it, as validators write them.
        if (isSecretValue(kind, value) && !(array && value.includes(' '))) {
          const skip = kind === 'card' || kind === 'digits' || escaped ? 0 : schemeEnd(value)
          if (!isNoValue(value.slice(skip))) {
            sink.secret(start + skip, end, value.slice(skip), kindOfKey(kind, key ?? ''))
            return
          }
        }
      }
    }
    if (escaped) {
      const raw = text.slice(start, end)
      const value = unescape(raw)
      const clean = nested(value ?? raw)
      if (clean !== (value ?? raw)) {
        sink.replace(start, end, value === undefined ? clean : JSON.stringify(clean).slice(1, -1))
      }
    } else if (end - start > 8 && equalsBefore(start, end)) {
      // `"command": "mysql --password=x"`, `"url": "/a?token=x"`: text inside a string.
      const at = start
      findInText(text.slice(start, end), keys, {
        secret: (from, to, value, found, quote) => sink.secret(at + from, at + to, value, found, quote),
        replace: (from, to, replacement) => sink.replace(at + from, at + to, replacement),
      })
    }
  }
}
