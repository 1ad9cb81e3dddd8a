import { ExactNumber } from './exact-number.ts'
import type { JsonValue } from './parse-exact.ts'

/** A step of a path: a key or an index. */
export type PathStep = string | number

/** Nothing below this depth is looked at for generated values. */
const MAX_DEPTH = 500
const PLAIN_KEY = /^[^.[\]"\s]+$/

/**
 * A path as people write it.
 *
 * @example
 * formatPath('body', ['items', 0, 'a.b']) // 'body.items[0]["a.b"]'
 */
export function formatPath(root: string, path: readonly PathStep[], length = path.length): string {
  let text = root
  for (let index = 0; index < length; index++) {
    const step = path[index]
    if (typeof step === 'number') text += `[${step}]`
    else if (step !== undefined) text += PLAIN_KEY.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
  }
  return text
}

/** The nearest key of a path and the one above it; `root` tells that the nearest stands in the outermost object. */
export function keysOfPath(
  path: readonly PathStep[],
  length: number,
): { key?: string; parent?: string; root: boolean } {
  let key: string | undefined
  for (let index = length - 1; index >= 0; index--) {
    const step = path[index]
    if (typeof step !== 'string') continue
    if (key !== undefined) return { key, parent: step, root: false }
    key = step
  }
  return key === undefined ? { root: length === 0 } : { key, root: length === 1 }
}

/** Calls `visit` for every string and number. `path` is reused: copy what you keep. */
export function forEachLeaf(
  value: JsonValue,
  visit: (leaf: string | number, path: readonly PathStep[], length: number) => void,
): void {
  const path: PathStep[] = []
  const walk = (node: JsonValue, depth: number): void => {
    if (typeof node === 'string' || typeof node === 'number') visit(node, path, depth)
    else if (node instanceof ExactNumber) visit(node.text, path, depth)
    else if (node === null || typeof node === 'boolean' || depth > MAX_DEPTH) return
    else if (Array.isArray(node)) {
      for (let index = 0; index < node.length; index++) {
        path[depth] = index
        walk(node[index] as JsonValue, depth + 1)
      }
    } else {
      for (const key of Object.keys(node)) {
        path[depth] = key
        walk(node[key] as JsonValue, depth + 1)
      }
    }
  }
  walk(value, 0)
}
