import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { calleeOf } from './callee.ts'
import { within } from './nodes.ts'

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
