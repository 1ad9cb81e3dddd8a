/** Whoever reads or writes deeper JSON may run out of stack: `JSON.stringify`, Postgres, and clients in other languages. */
export const MAX_JSON_DEPTH = 100

/**
 * Whether a value that came from JSON is nested at most `MAX_JSON_DEPTH` deep.
 *
 * @example
 * isShallow([[[]]]) // true
 */
export function isShallow(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) return false
    level = level.flatMap((inner) => (typeof inner === 'object' && inner !== null ? Object.values(inner) : []))
  }
  return true
}
