import { ExactNumber } from './exact-number.ts'

/** What a JSON document holds. Numbers that a double would change are `ExactNumber`. */
export type JsonValue = null | boolean | string | number | ExactNumber | JsonValue[] | { [key: string]: JsonValue }

/** A parsed document, or why it is none. */
export type JsonResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly message: string; readonly offset: number }

/** Sixteen digits, or fifteen and a point: from there on two decimals can share one double. */
const LONG_DIGITS = /\d[\d.]{15}/
/** Deeper documents are refused: no service answers with one, and code behind this would run out of stack. */
const MAX_DEPTH = 10_000
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERALS: readonly (readonly [string, null | boolean])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

export interface JsonParseOptions {
  /**
   * What becomes of a key that stands twice in an object: `last`: its last value counts, as with `JSON.parse`; `keep`: all
   * values stay, the later ones as `key (2)`, `key (3)`. Default: `last`.
   */
  readonly duplicates?: 'last' | 'keep'
}

class JsonError extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * Parses JSON without loss: numbers that a double cannot hold keep their digits, `__proto__` is a key like any other,
 * a byte order mark is skipped, and 10,000 levels of nesting do not touch the stack. Documents without long numbers
 * take the engine's own parser. Of a key that stands twice the last value counts, unless duplicates are kept.
 *
 * @example
 * const result = jsonParseExact('{"id": 9007199254740993}')
 * // result.ok && result.value.id is an ExactNumber whose text is '9007199254740993'
 */
export function jsonParseExact(source: string, options: JsonParseOptions = {}): JsonResult {
  const text = source.charCodeAt(0) === 0xfe_ff ? source.slice(1) : source
  const keep = options.duplicates === 'keep'
  if (!keep && !LONG_DIGITS.test(text)) {
    try {
      // The engine defines `__proto__` as an own key, so it is data here too.
      return { ok: true, value: JSON.parse(text) as JsonValue }
    } catch {
      // Parsed again below for the offset of the error.
    }
  }
  try {
    return { ok: true, value: parse(text, keep) }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return { ok: false, message: error.message, offset: error.offset }
  }
}

type Container =
  | { readonly type: 'array'; readonly value: JsonValue[] }
  | { readonly type: 'object'; readonly value: { [key: string]: JsonValue }; key: string }

function parse(text: string, keep: boolean): JsonValue {
  const stack: Container[] = []
  let at = skipSpace(text, 0)
  for (;;) {
    const first = text[at]
    let value: JsonValue
    if (first === '{' || first === '[') {
      if (stack.length === MAX_DEPTH) throw new JsonError(`nested deeper than ${MAX_DEPTH} levels`, at)
      at = skipSpace(text, at + 1)
      if (text[at] !== (first === '{' ? '}' : ']')) {
        if (first === '[') stack.push({ type: 'array', value: [] })
        else {
          const [key, next] = readKey(text, at)
          stack.push({ type: 'object', value: {}, key })
          at = next
        }
        continue
      }
      value = first === '{' ? {} : []
      at++
    } else {
      ;[value, at] = readScalar(text, at)
    }
    for (;;) {
      const top = stack.at(-1)
      at = skipSpace(text, at)
      if (top === undefined) {
        if (at < text.length) throw new JsonError(`unexpected ${show(text, at)} after the document`, at)
        return value
      }
      if (top.type === 'array') top.value.push(value)
      else setOwn(top.value, keep ? freeKey(top.value, top.key) : top.key, value)
      const next = text[at]
      if (next === ',') {
        at = skipSpace(text, at + 1)
        if (top.type === 'object') [top.key, at] = readKey(text, at)
        break
      }
      if (next !== (top.type === 'array' ? ']' : '}')) throw new JsonError(`unexpected ${show(text, at)}`, at)
      stack.pop()
      value = top.value
      at++
    }
  }
}

function freeKey(target: { [key: string]: JsonValue }, key: string): string {
  if (!Object.hasOwn(target, key)) return key
  for (let count = 2; ; count++) {
    const name = `${key} (${count})`
    if (!Object.hasOwn(target, name)) return name
  }
}

function setOwn(target: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  } else target[key] = value
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
    at++
  }
}

function readKey(text: string, from: number): [string, number] {
  if (text[from] !== '"') throw new JsonError(`expected a key, got ${show(text, from)}`, from)
  const end = endOfString(text, from)
  const colon = skipSpace(text, end)
  if (text[colon] !== ':') throw new JsonError(`expected ":", got ${show(text, colon)}`, colon)
  return [readString(text, from, end), skipSpace(text, colon + 1)]
}

function readScalar(text: string, from: number): [JsonValue, number] {
  if (text[from] === '"') {
    const end = endOfString(text, from)
    return [readString(text, from, end), end]
  }
  for (const [word, value] of LITERALS) if (text.startsWith(word, from)) return [value, from + word.length]
  NUMBER.lastIndex = from
  const digits = NUMBER.exec(text)?.[0]
  if (digits === undefined) throw new JsonError(`unexpected ${show(text, from)}`, from)
  return [readNumber(digits), from + digits.length]
}

function readNumber(digits: string): number | ExactNumber {
  const value = Number(digits)
  if (digits.length < 16 && Number.isFinite(value)) return value
  const exact = new ExactNumber(digits)
  return exact.equals(value) ? value : exact
}

/** The offset behind the closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++
    if (slashes % 2 === 0) return at + 1
  }
  throw new JsonError('a string that does not end', from)
}

function readString(text: string, from: number, end: number): string {
  try {
    return JSON.parse(text.slice(from, end)) as string
  } catch {
    throw new JsonError('a string with a bad escape or a control character', from)
  }
}

function show(text: string, at: number): string {
  return at < text.length ? JSON.stringify(text[at]) : 'the end'
}
