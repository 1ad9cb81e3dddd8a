/** One scalar of a JSON text: where it stands and under which key. */
export interface JsonScalar {
  readonly start: number
  readonly end: number
  readonly type: 'string' | 'number' | 'key'
  /** The nearest key, and the one above it. */
  readonly key: string | undefined
  readonly parent: string | undefined
}

const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],:]/gs

/**
 * Finds strings, numbers and keys of a JSON text by their offsets, so that one can be replaced while every other byte
 * stays as it is. Does not validate: call it on text that parses.
 */
export function scanScalars(text: string, visit: (scalar: JsonScalar) => void): void {
  const keys: (string | undefined)[] = [undefined]
  const objects: boolean[] = [false]
  let expectKey = false
  for (const match of text.matchAll(SCALAR)) {
    const [token] = match
    const start = match.index
    const depth = keys.length - 1
    if (token === '{' || token === '[') {
      expectKey = token === '{'
      objects.push(expectKey)
      keys.push(token === '[' ? keys[depth] : undefined)
    } else if (token === '}' || token === ']') {
      objects.pop()
      keys.pop()
      expectKey = false
    } else if (token === ',') expectKey = objects.at(-1) === true
    else if (token === ':') expectKey = false
    else if (expectKey) {
      keys[depth] = JSON.parse(token) as string
      visit({ start, end: start + token.length, type: 'key', key: undefined, parent: undefined })
    } else {
      const type = token.startsWith('"') ? 'string' : 'number'
      visit({ start, end: start + token.length, type, key: keys[depth], parent: parentKey(keys, depth) })
    }
  }
}

/** The key above the nearest one; an array repeats the key that it stands under. */
function parentKey(keys: readonly (string | undefined)[], depth: number): string | undefined {
  for (let level = depth - 1; level > 0; level--) {
    if (keys[level] !== undefined && keys[level] !== keys[depth]) return keys[level]
    if (keys[level] !== keys[depth]) return undefined
  }
  return undefined
}
