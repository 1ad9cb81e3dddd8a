import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'
import type { Field } from '../schemas/schema.ts'
import type { Tree } from '../struct.ts'

/**
 * An answer that says the same of everything that a request names: its lists of topics, partitions or resources with an
 * error code for each (zero: it is done).
 */
export function mirror(
  fields: readonly Field[],
  version: number,
  request: Value,
  errorCode: number,
  errorMessage?: string,
): Tree {
  const source = isTree(request) ? request : {}
  const list = isTree(request) ? Object.values(request).find((value) => Array.isArray(value)) : undefined
  const tree: Record<string, Value> = {}
  let scalar = isTree(request) ? undefined : request
  for (const { name, type, array, since, until, tag, fields: inner } of fields) {
    if (version < since || version > until || tag !== undefined) continue
    if (/errorcode$/i.test(name)) tree[name] = errorCode
    else if (/errormessage$/i.test(name)) tree[name] = errorMessage ?? null
    else if (array && type === 'struct') {
      tree[name] = ((list ?? []) as readonly Value[]).map((item) =>
        mirror(inner, version, item, errorCode, errorMessage),
      )
    } else if (source[name] !== undefined) tree[name] = source[name]
    else if (scalar !== undefined && !array && typeof scalar === (type === 'string' ? 'string' : 'number')) {
      tree[name] = scalar
      scalar = undefined
    }
  }
  return tree
}
