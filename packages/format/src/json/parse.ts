import { maxNesting } from '../defaults.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { resolveNumber } from '../yaml/schema.ts'
import { PlainScalar, setOwn } from '../yaml/values.ts'

/** Where a value of a JSON text stands. */
export interface JsonSpan {
  readonly start: number
  readonly end: number
}

type PathStep = string | number

class JsonSyntaxError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Reads JSON with exact numbers. Malformed text comes back as an issue with its place. */
export function parseJsonExact(
  text: string,
  place: { readonly file?: string; readonly line?: number } = {},
): { readonly value: unknown } | { readonly issue: InputIssue } {
  try {
    return { value: new JsonScanner(text).document() }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    const before = text.slice(0, error.at).split('\n')
    return {
      issue: {
        code: 'KEPLOY_FORMAT_JSON',
        severity: 'error',
        message: `This is not valid JSON: ${error.message}.`,
        ...(place.file === undefined ? {} : { file: place.file }),
        line: (place.line ?? 1) + before.length - 1,
        column: before.at(-1)!.length + 1,
      },
    }
  }
}

/** Where the value at a path stands, or `undefined` when there is none. The text must be valid. */
export function findInJson(text: string, path: readonly PathStep[]): JsonSpan | undefined {
  return new JsonScanner(text).find(path)
}

const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const otherToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y

class JsonScanner {
  readonly #text: string
  #at = 0
  #depth = 0
  #target: readonly PathStep[] | undefined
  #found: JsonSpan | undefined

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#error('there is text behind the value')
    return value
  }

  find(path: readonly PathStep[]): JsonSpan | undefined {
    this.#target = path
    this.document()
    return this.#found
  }

  #error(message: string): JsonSyntaxError {
    return new JsonSyntaxError(message, this.#at)
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
    }
  }

  /** `matched`: how many steps of the sought path lead here; -1 when this value is off the path. */
  #value(matched: number): unknown {
    this.#space()
    const start = this.#at
    const code = this.#text.charCodeAt(start)
    let value: unknown
    if (code === 123 || code === 91) {
      if (++this.#depth > maxNesting) throw this.#error(`it is nested deeper than ${maxNesting} levels`)
      value = code === 123 ? this.#object(matched) : this.#array(matched)
      this.#depth--
    } else if (code === 34) {
      value = this.#string()
    } else {
      otherToken.lastIndex = start
      const token = otherToken.exec(this.#text)?.[0]
      if (token === undefined || token === '') {
        throw this.#error(start < this.#text.length ? 'a value is expected here' : 'it ends too early')
      }
      this.#at += token.length
      value = token === 'null' ? null : token === 'true' || token === 'false' ? token === 'true' : exactNumber(token)
    }
    if (this.#target !== undefined && matched === this.#target.length) this.#found = { start, end: this.#at }
    return value
  }

  #string(): string {
    stringToken.lastIndex = this.#at
    const token = stringToken.exec(this.#text)?.[0]
    if (token === undefined) throw this.#error('a string is not well-formed')
    this.#at += token.length
    return token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
  }

  #next(matched: number, step: PathStep): number {
    const target = this.#target
    if (target === undefined || matched < 0 || matched >= target.length) return -1
    return String(target[matched]) === String(step) ? matched + 1 : -1
  }

  #object(matched: number): unknown {
    const result: Record<string, unknown> = {}
    this.#at++
    this.#space()
    if (this.#take(125)) return result
    for (;;) {
      this.#space()
      if (this.#text.charCodeAt(this.#at) !== 34) throw this.#error('a key in quotes is expected here')
      const key = this.#string()
      this.#space()
      if (!this.#take(58)) throw this.#error('a colon is expected here')
      setOwn(result, key, this.#value(this.#next(matched, key)))
      this.#space()
      if (this.#take(125)) return result
      if (!this.#take(44)) throw this.#error('a comma or a closing brace is expected here')
    }
  }

  #array(matched: number): unknown {
    const result: unknown[] = []
    this.#at++
    this.#space()
    if (this.#take(93)) return result
    for (;;) {
      result.push(this.#value(this.#next(matched, result.length)))
      this.#space()
      if (this.#take(93)) return result
      if (!this.#take(44)) throw this.#error('a comma or a closing bracket is expected here')
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at++
    return true
  }
}

function exactNumber(token: string): unknown {
  return resolveNumber(token) ?? new PlainScalar(token, Number(token))
}
