import { ExactNumber, detectForm } from '@keploy-framework/match'
import type { JsonValue } from '@keploy-framework/match'

import type { Session } from './session.ts'

export type JsonObject = { [key: string]: JsonValue }

/** What `key` gives on an object that has no such key of its own: `constructor`, `toString`, `__proto__`. */
export function isInherited(value: JsonValue, owner: JsonObject, key: string): boolean {
  return (typeof value === 'function' || value === (Object.prototype as unknown)) && !Object.hasOwn(owner, key)
}

export function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

/** An exact number by its digits; everything else as it is. */
export function plain<T>(value: T): Exclude<T, ExactNumber> | string {
  return value instanceof ExactNumber ? value.text : (value as Exclude<T, ExactNumber>)
}

/** Deeper, prints are equal; whoever compares what has equal prints finds the difference. */
const PRINT_DEPTH = 800

/**
 * A text that is equal for two elements that are equal up to generated values, the order of keys, and that of arrays where it
 * does not count: what their alignment starts from.
 */
export function printOf(session: Session, value: JsonValue, recorded: boolean): string {
  const { bindings, watching, options } = session
  const unordered = options.ignoreOrdering === true

  const print = (item: JsonValue, key: string, depth: number): string => {
    if (depth > PRINT_DEPTH) return ''
    if (Array.isArray(item)) {
      const parts = item.map((each, index) => print(each, String(index), depth + 1))
      return `[${(unordered ? parts.toSorted() : parts).join(',')}]`
    }
    if (isObject(item)) {
      const fields = Object.keys(item).toSorted()
      return `{${fields.map((name) => `${JSON.stringify(name)}:${print(item[name] as JsonValue, name, depth + 1)}`).join(',')}}`
    }
    return JSON.stringify(printed(plain(item), key))
  }
  const printed = (item: string | number | boolean | null, key: string): string | number | boolean | null => {
    if (typeof item !== 'string' && typeof item !== 'number') return item
    const live = recorded && watching ? bindings.liveOf(String(item), { key })?.live : undefined
    if (live !== undefined) return live
    if (detectForm(item, { key }) === undefined) return item
    return !recorded && bindings.isLive(String(item)) ? item : '\0'
  }
  return print(value, '', 0)
}
