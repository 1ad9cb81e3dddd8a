import { ExactNumber } from '@keploy-framework/match'
import type { JsonValue } from '@keploy-framework/match'

/** How long a value may be in a message. */
const MAX_SHOWN = 120

/** A value as a message shows it: JSON, on one line, cut. */
export function show(value: unknown): string {
  if (value instanceof ExactNumber) return value.text
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_SHOWN * 2)) : preview(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** The beginning of a structure, without going through all of a large one. */
function preview(value: unknown, depth = 0): string {
  if (value instanceof ExactNumber) return value.text
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing'
  if (depth === 3) return '…'
  const list = Array.isArray(value)
  const parts: string[] = []
  let length = 0
  for (const key of Object.keys(value)) {
    const item = preview((value as Record<string, unknown>)[key], depth + 1)
    parts.push(list ? item : `${JSON.stringify(key)}:${item}`)
    length += item.length
    if (length > MAX_SHOWN) break
  }
  return list ? `[${parts.join(',')}]` : `{${parts.join(',')}}`
}

/** What kind of value it is, as a message says it. */
export function typeName(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof ExactNumber || typeof value === 'number') return 'a number'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? 'a string' : 'a boolean'
}
