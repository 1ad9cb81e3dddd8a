import { isObject, type JsonObject } from '../json.ts'

/** The schema that a `$ref` within the same document names (`#`, `#/$defs/Name`); `undefined` when it names none. */
export function resolveRef(ref: string, root: JsonObject): JsonObject | undefined {
  if (!ref.startsWith('#')) return undefined
  let at: unknown = root
  for (const step of ref
    .slice(1)
    .split('/')
    .filter((part) => part !== '')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined
    at = at[key]
  }
  return isObject(at) ? at : undefined
}
