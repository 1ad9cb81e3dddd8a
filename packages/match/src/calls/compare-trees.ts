import type { Value } from '@keploy-framework/format'

import type { BindingTable } from '../bindings/binding-table.ts'
import type { CallBindings, Clock } from './call-bindings.ts'
import { isList, isMapping } from './canonical.ts'
import type { CallDifference } from './recorded-call.ts'

/** Compares up to consistent renaming of generated values; stops at `limit` differences. */
export class TreeComparison {
  readonly differences: CallDifference[] = []
  readonly #bindings: CallBindings
  readonly #table: BindingTable
  readonly #limit: number
  readonly #clock: Clock | undefined

  constructor(bindings: CallBindings, table: BindingTable, limit: number, clock?: Clock) {
    this.#bindings = bindings
    this.#table = table
    this.#limit = limit
    this.#clock = clock
  }

  /** Whether everything fits. */
  compare(recorded: Value | undefined, live: Value | undefined, path = '', key?: string): boolean {
    if (this.differences.length >= this.#limit) return false
    if (isList(recorded) && isList(live)) return this.#lists(recorded, live, path, key)
    if (isMapping(recorded) && isMapping(live)) return this.#mappings(recorded, live, path)
    return this.#leaves(recorded, live, path, key) || this.#differ(recorded, live, path)
  }

  #lists(recorded: readonly Value[], live: readonly Value[], path: string, key: string | undefined): boolean {
    const length = Math.max(recorded.length, live.length)
    let equal = true
    for (let index = 0; index < length && this.differences.length < this.#limit; index++) {
      equal = this.compare(recorded[index], live[index], `${path}[${index}]`, key) && equal
    }
    return equal
  }

  #mappings(
    recorded: { readonly [key: string]: Value },
    live: { readonly [key: string]: Value },
    path: string,
  ): boolean {
    let equal = true
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(live)])) {
      if (this.differences.length >= this.#limit) return false
      const inside = path === '' ? name : `${path}.${name}`
      const expected = Object.hasOwn(recorded, name) ? recorded[name] : undefined
      const actual = Object.hasOwn(live, name) ? live[name] : undefined
      equal = this.compare(expected, actual, inside, name) && equal
    }
    return equal
  }

  #leaves(recorded: Value | undefined, live: Value | undefined, path: string, key: string | undefined): boolean {
    if (typeof recorded === 'string' && (typeof live === 'string' || typeof live === 'number')) {
      const nested = typeof live === 'string' ? this.#json(recorded, live, path) : undefined
      return nested ?? this.#bindings.accepts(recorded, String(live), path, key, this.#table, this.#clock)
    }
    if (typeof recorded === 'number' && typeof live === 'number') {
      return this.#bindings.accepts(String(recorded), String(live), path, key, this.#table, this.#clock)
    }
    if (recorded instanceof Uint8Array && live instanceof Uint8Array) return Buffer.from(recorded).equals(live)
    return recorded === live
  }

  /** Texts that hold JSON are compared as what they say: names of fields tell which values are generated. */
  #json(recorded: string, live: string, path: string): boolean | undefined {
    if (recorded === live || !looksLikeJson(recorded) || !looksLikeJson(live)) return undefined
    const expected = parsed(recorded)
    const actual = parsed(live)
    if (expected === undefined || actual === undefined) return undefined
    const inner = new TreeComparison(this.#bindings, this.#table, 1, this.#clock)
    const mark = this.#bindings.mark(this.#table)
    if (inner.compare(expected, actual, path)) return true
    this.#bindings.rollback(mark, this.#table)
    return undefined
  }

  #differ(recorded: Value | undefined, live: Value | undefined, path: string): boolean {
    this.differences.push({ path, recorded, live })
    return false
  }
}

function looksLikeJson(text: string): boolean {
  const first = text.charCodeAt(0)
  return (first === 123 || first === 91) && text.length < 1_048_576
}

function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined
  }
}
