import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'

/** Reads fields of documents of several generations: names count without their case and underscores. */
export function field(tree: Value | undefined, ...names: readonly string[]): Value | undefined {
  if (!isTree(tree)) return undefined
  for (const name of names) {
    if (tree[name] !== undefined) return tree[name]
    const found = Object.keys(tree).find((key) => plain(key) === plain(name))
    if (found !== undefined) return tree[found]
  }
  return undefined
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

export function listField(tree: Value | undefined, ...names: readonly string[]): readonly Value[] {
  const value = field(tree, ...names)
  return Array.isArray(value) ? (value as readonly Value[]) : []
}

export function numberField(tree: Value | undefined, ...names: readonly string[]): number {
  const value = field(tree, ...names)
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : 0
}

/** Text or bytes; numbers as their text. */
export function textField(tree: Value | undefined, ...names: readonly string[]): string | Uint8Array {
  const value = field(tree, ...names)
  if (typeof value === 'string' || value instanceof Uint8Array) return value
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
}

/** Bytes of a list of numbers, or of `!!binary`. */
export function byteField(tree: Value | undefined, ...names: readonly string[]): Buffer {
  const value = field(tree, ...names)
  if (value instanceof Uint8Array) return Buffer.from(value)
  return Buffer.from(
    Array.isArray(value) ? (value as readonly Value[]).map((one) => (typeof one === 'number' ? one & 0xff : 0)) : [],
  )
}
