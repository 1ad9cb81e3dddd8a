import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { readDocument } from './read-bson.ts'
import { writeDocument } from './write-bson.ts'

/**
 * A document as canonical extended JSON in one line, as Keploy's files have it: all numbers with their type.
 *
 * @example
 * canonicalJson({ a: 1 }) // '{"a":{"$numberInt":"1"}}'
 */
export function canonicalJson(document: Value): string {
  return JSON.stringify(withTypes(document))
}

function withTypes(value: Value): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { $numberInt: String(value) } : { $numberDouble: String(value) }
  }
  if (Array.isArray(value)) return value.map((item: Value) => withTypes(item))
  if (!isTree(value)) return value
  // Numbers within these are no values of BSON.
  const { $timestamp, $minKey, $maxKey } = value
  if ($timestamp !== undefined || $minKey !== undefined || $maxKey !== undefined) return value
  return Object.fromEntries(Object.keys(value).map((key) => [key, withTypes(value[key] as Value)]))
}

/**
 * Reads extended JSON, canonical or not, as the tree that the same document makes when it comes over the wire. Nothing
 * when the text is no JSON object.
 *
 * @example
 * parseExtendedJson('{"a":{"$numberInt":"1"}}') // { a: 1 }
 */
export function parseExtendedJson(text: string): { readonly [key: string]: Value } | undefined {
  try {
    const parsed = JSON.parse(text) as Value
    // Through BSON, so that each way to write a value comes out as one tree.
    return isTree(parsed) ? readDocument(writeDocument(parsed)) : undefined
  } catch {
    return undefined
  }
}
