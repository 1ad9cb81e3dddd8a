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

/** A text that is equal for two elements that are equal up to generated values: what their alignment starts from. */
export function printOf({ bindings, watching }: Session, value: JsonValue, recorded: boolean): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (typeof item !== 'string' && typeof item !== 'number') return item
    const live = recorded && watching ? bindings.liveOf(String(item), { key })?.live : undefined
    if (live !== undefined) return live
    if (detectForm(item, { key }) === undefined) return item
    return !recorded && bindings.isLive(String(item)) ? item : '\0'
  })
}
