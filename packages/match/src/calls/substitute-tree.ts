import type { Value } from '@keploy-framework/format'

import type { BindingTable } from '../bindings/binding-table.ts'
import type { CallBindings } from './call-bindings.ts'
import { isList } from './canonical.ts'

/** Puts live values in place of recorded ones, leaf by leaf; a tree in which nothing changes is given back itself. */
export function substituteTree(
  value: Value,
  bindings: CallBindings,
  table: BindingTable,
): { value: Value; missing: readonly number[] } {
  const missing = new Set<number>()
  const walk = (node: Value, key: string | undefined): Value => {
    if (typeof node === 'string') {
      const result = bindings.substitute(node, key, table)
      for (const number of result.missing) missing.add(number)
      return result.text
    }
    if (typeof node === 'number') {
      const { text } = bindings.substitute(String(node), key, table)
      return text === String(node) ? node : Number(text)
    }
    if (node === null || typeof node !== 'object' || node instanceof Uint8Array) return node
    if (isList(node)) {
      const items = node.map((item) => walk(item, key))
      return items.some((item, index) => item !== node[index]) ? items : node
    }
    let changed = false
    const entries = Object.keys(node).map((name) => {
      const before = node[name] as Value
      const after = walk(before, name)
      changed ||= after !== before
      return [name, after] as const
    })
    return changed ? Object.fromEntries(entries) : node
  }
  return { value: walk(value, undefined), missing: [...missing] }
}
