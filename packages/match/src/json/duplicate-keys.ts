import { ExactNumber } from './exact-number.ts'
import type { JsonValue } from './parse-exact.ts'

/**
 * Whether an object of a JSON text names a key twice: the text has more keys than the value that was parsed from it.
 * Such a document means different things to different readers, and a parser keeps one of the values only.
 */
export function hasDuplicateKeys(text: string, value: JsonValue): boolean {
  return keysInText(text) !== keysInValue(value)
}

/** Strings with a colon behind them. The text must be valid JSON. */
function keysInText(text: string): number {
  let keys = 0
  for (let open = text.indexOf('"'); open !== -1;) {
    let close = text.indexOf('"', open + 1)
    while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1)
    if (close === -1) return keys
    let after = close + 1
    let code = text.charCodeAt(after)
    while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++after)
    if (code === 58) keys++
    open = text.indexOf('"', after)
  }
  return keys
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0
  while (text.charCodeAt(quote - 1 - slashes) === 92) slashes++
  return slashes % 2 === 1
}

function keysInValue(value: JsonValue): number {
  let keys = 0
  const open: JsonValue[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || next instanceof ExactNumber) continue
    if (Array.isArray(next)) {
      for (const item of next) if (typeof item === 'object') open.push(item)
      continue
    }
    for (const key of Object.keys(next)) {
      keys++
      const item = next[key] as JsonValue
      if (typeof item === 'object') open.push(item)
    }
  }
  return keys
}
