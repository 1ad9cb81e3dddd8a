import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { calleeOf } from './callee.ts'
import { enclosingFunction, parentOf, within } from './nodes.ts'
import { keyName } from './values.ts'

const ASSERTION = /^(?:expect(?:TypeOf)?|assert(?:[A-Z]\w*)?|chai|should)$/

/** Whether a call asserts something: `expect(x)…`, `assert(x)`, `assert.equal(…)`, `assertAgentExecution(…)`. */
export function isAssertion(node: ESTree.Node): boolean {
  return node.type === 'CallExpression' && ASSERTION.test(calleeOf(node.callee).path[0] ?? '')
}

/** Whether an assertion stands in the node. */
export function holdsAssertion(node: ESTree.Node, sourceCode: SourceCode): boolean {
  for (const inner of within(node, sourceCode)) if (isAssertion(inner)) return true
  return false
}

/** Whether the node stands in a function that an assertion calls, and expects to throw: `expect(() => node).toThrow()`. */
export function isExpectedToThrow(node: ESTree.Node): boolean {
  const owner = enclosingFunction(node)
  const call = owner && parentOf(owner)
  if (call?.type !== 'CallExpression' || calleeOf(call.callee).path.join('.') !== 'expect') return false
  const matcher = parentOf(call)
  return matcher?.type === 'MemberExpression' && keyName(matcher)?.startsWith('toThrow') === true
}
