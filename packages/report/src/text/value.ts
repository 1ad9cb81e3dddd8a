/**
 * A value of a failure as text: strings in quotes, objects as JSON, `(nothing)` for what is not there.
 *
 * @example
 * valueText({ a: 1 }) // '{"a":1}'
 */
export function valueText(value: unknown): string {
  if (value === undefined) return '(nothing)'
  if (value instanceof Uint8Array) return `(${value.byteLength} bytes)`
  return toJson(value)
}

/** JSON of any value: exact for big integers, and never an exception. */
export function toJson(value: unknown, space?: number): string {
  try {
    return JSON.stringify(value, exact, space) ?? 'null'
  } catch {
    return JSON.stringify(String(value))
  }
}

// A big integer is written as the number that it is, which plain JSON.stringify refuses to do.
function exact(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const rawJson = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON
  return rawJson ? rawJson(value.toString()) : value.toString()
}
