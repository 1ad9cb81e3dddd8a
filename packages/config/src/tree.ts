/** A map read from a file. Made without a prototype, so that no key of a file means anything to JavaScript. */
export type Tree = Record<string, unknown>

export function newTree(): Tree {
  return Object.create(null) as Tree
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path, or nothing. */
export function valueAt(tree: unknown, path: readonly (string | number)[]): unknown {
  let value = tree
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Tree)[step]
  }
  return value
}

/** Puts a value at a path, and makes the maps on the way. */
export function setAt(tree: Tree, path: readonly (string | number)[], value: unknown): void {
  let target = tree
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(target, step) ? target[step] : undefined
    const child: Tree = typeof next === 'object' && next !== null ? (next as Tree) : newTree()
    target[step] = child
    target = child
  }
  const last = path.at(-1)
  if (last !== undefined) target[last] = value
}

/** Takes away what stands at a path. */
export function removeAt(tree: Tree, path: readonly (string | number)[]): void {
  const parent = valueAt(tree, path.slice(0, -1))
  const last = path.at(-1)
  if (last === undefined || typeof parent !== 'object' || parent === null) return
  if (Array.isArray(parent) && typeof last === 'number') parent.splice(last, 1)
  else delete (parent as Tree)[last]
}

/** A copy without prototypes, lists included. */
export function copyTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyTree)
  if (!isTree(value)) return value
  const copy = newTree()
  for (const key of Object.keys(value)) copy[key] = copyTree(value[key])
  return copy
}

/** `test.delay`; a key that holds a dot or space is quoted, and list items are counted from 0. */
export function showPath(path: readonly (string | number)[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
