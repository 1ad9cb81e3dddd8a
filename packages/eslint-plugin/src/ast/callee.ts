import type * as ESTree from 'estree'

import { unwrap } from './nodes.ts'
import { keyName } from './values.ts'

/** A name in code, and what it is called through. */
export interface Callee {
  /** The names from left to right, without the calls between: `['test', 'skip', 'each']` for `test.skip.each([1])`. */
  readonly path: readonly string[]
  /** The identifier on the left, unless something else stands there. */
  readonly root: ESTree.Identifier | undefined
}

/**
 * What an expression names. A part that is computed is `?`; what is no identifier on the left, such as `this`, is an
 * empty name.
 */
export function calleeOf(node: ESTree.Node): Callee {
  const path: string[] = []
  let inner = unwrap(node)
  for (;;) {
    if (inner.type === 'MemberExpression') {
      path.unshift(keyName(inner) ?? '?')
      inner = unwrap(inner.object)
    } else if (inner.type === 'CallExpression') inner = unwrap(inner.callee)
    else if (inner.type === 'TaggedTemplateExpression') inner = unwrap(inner.tag)
    else if (inner.type === 'AwaitExpression') inner = unwrap(inner.argument)
    else break
  }
  const root = inner.type === 'Identifier' ? inner : undefined
  return { path: [root?.name ?? '', ...path], root }
}

/** The call at the left of a chain: `expect(x)` for `expect(x).not.toBe(1)`. */
export function firstCall(node: ESTree.Node): ESTree.CallExpression | undefined {
  let found: ESTree.CallExpression | undefined
  let inner = unwrap(node)
  for (;;) {
    if (inner.type === 'CallExpression') {
      found = inner
      inner = unwrap(inner.callee)
    } else if (inner.type === 'MemberExpression') inner = unwrap(inner.object)
    else return found
  }
}
