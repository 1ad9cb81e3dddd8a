import type { Value } from '@keploy-framework/format'

import { Dependencies } from '../bindings/dependencies.ts'
import { tokenize } from '../bindings/tokens.ts'
import { describeForm, isTimeForm } from '../forms/detect-form.ts'
import { isList, isMapping } from './canonical.ts'
import type { RecordedCall } from './recorded-call.ts'

/** A test that asks with a value which the service has from another one. */
export interface CallTie {
  readonly test: string
  readonly needed: string
}

/** No form that needs no field's name is shorter. */
const SHORTEST = 8
/** Longer texts are not searched. */
const LONGEST = 65_536

/**
 * Which tests use a generated value that an earlier test showed first, in what it asked or was answered, and that nothing
 * they were answered themselves gave them: the service remembers it. `calls` stand in recorded order.
 *
 * @example
 * const ties = tiesOf(calls) // [{ test: 'get-last-1', needed: 'post-orders-1' }]
 */
export function tiesOf(calls: Iterable<RecordedCall>): CallTie[] {
  const first = new Map<string, readonly string[]>()
  const given = new Map<string, Set<string>>()
  const ties = new Map<string, CallTie>()
  for (const call of calls) {
    if (call.lifetime !== 'test') continue
    const asked = generatedIn(call.request())
    const answered = generatedIn(call.response())
    for (const test of call.tests) {
      const known = given.get(test) ?? new Set()
      given.set(test, known)
      for (const value of asked) {
        if (known.has(value)) continue
        for (const needed of first.get(value) ?? []) ties.set(`${test}\n${needed}`, { test, needed })
      }
      for (const value of answered) known.add(value)
    }
    for (const value of [...asked, ...answered]) if (!first.has(value)) first.set(value, call.tests)
  }
  return [...ties.values()].filter(({ test, needed }) => test !== needed)
}

/**
 * Joins chains whose tests are tied, in the order of their first tests. What is joined stands one chain after the other.
 *
 * @example
 * joinChains([['a'], ['b'], ['c']], [{ test: 'c', needed: 'a' }]) // [['a', 'c'], ['b']]
 */
export function joinChains(chains: readonly (readonly string[])[], ties: readonly CallTie[]): (readonly string[])[] {
  if (ties.length === 0) return [...chains]
  const chainOf = new Map(chains.flatMap((chain, index) => chain.map((name) => [name, index] as const)))
  const dependencies = new Dependencies()
  for (const { test, needed } of ties) {
    const [a, b] = [chainOf.get(test), chainOf.get(needed)]
    if (a !== undefined && b !== undefined) dependencies.add(Math.max(a, b), Math.min(a, b))
  }
  return dependencies.groups(chains.length).map((group) => group.flatMap((index) => chains[index] ?? []))
}

/** Ids and tokens that a tree holds, in forms that ordinary data does not have by chance. */
function generatedIn(tree: Value | undefined): Set<string> {
  const found = new Set<string>()
  const note = (text: string, key: string | undefined): boolean => {
    const form = text.length < SHORTEST ? undefined : describeForm(text, { key })
    if (form === undefined || isTimeForm(form)) return false
    found.add(text)
    return true
  }
  const walk = (node: Value | undefined, key: string | undefined): void => {
    if (typeof node === 'string') {
      if (node.length > LONGEST || note(node, key)) return
      for (const word of tokenize(node).words) note(word, undefined)
    } else if (isList(node)) {
      for (const item of node) walk(item, key)
    } else if (isMapping(node)) {
      for (const name of Object.keys(node)) walk(node[name], name)
    }
  }
  walk(tree, undefined)
  return found
}
