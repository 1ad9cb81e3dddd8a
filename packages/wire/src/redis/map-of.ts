import type { Value } from '@keploy-framework/format'

/**
 * Keys and values in turn, as a mapping where it keeps all of it: keys are different texts, and none is a number, as
 * JavaScript would put these first. Else as a list of pairs.
 */
export function mapOf(items: readonly Value[]): Value {
  const keys = new Set<Value>()
  const pairs: [Value, Value][] = []
  let plain = true
  for (let at = 0; at + 1 < items.length; at += 2) {
    const key = items[at] as Value
    pairs.push([key, items[at + 1] as Value])
    if (typeof key !== 'string' || keys.has(key) || /^\d+$/.test(key) || key === '__proto__') plain = false
    else keys.add(key)
  }
  return plain ? Object.fromEntries(pairs as [string, Value][]) : pairs
}

/** Keys and values of what `mapOf` gave. */
export function entriesOf(map: Value): readonly (readonly [Value, Value])[] {
  if (Array.isArray(map)) {
    const pairs = map as readonly Value[]
    return pairs.flatMap((pair) =>
      Array.isArray(pair) && pair.length === 2 ? [[pair[0] as Value, pair[1] as Value] as const] : [],
    )
  }
  if (map === null || typeof map !== 'object' || map instanceof Uint8Array) return []
  return Object.entries(map as { readonly [key: string]: Value })
}
