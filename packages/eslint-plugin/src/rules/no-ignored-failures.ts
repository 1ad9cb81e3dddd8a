import type { Rule, SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { holdsAssertion, isAssertion } from '../ast/assertions.ts'
import { calleeOf, firstCall } from '../ast/callee.ts'
import { enclosingFunction, isFunction, parentOf, unwrap, within } from '../ast/nodes.ts'
import { testCall } from '../ast/test-calls.ts'
import { reasonBefore } from '../comments.ts'
import { createRule } from '../create-rule.ts'

/** A failure that goes nowhere is a test that cannot fail. */
export const noIgnoredFailures = createRule({
  name: 'no-ignored-failures',
  description: 'Disallow tests whose failures nobody sees',
  hasSuggestions: true,
  messages: {
    swallowed:
      'A failed assertion in this try ends in a catch that drops it. Let it through, or use expect(…).toThrow() and expect(…).rejects.',
    dropped: 'This .catch() drops the failure of the assertion before it. Remove it.',
    noMatcher: 'This expect(…) compares nothing. Call a matcher.',
    notAwaited: 'Nobody waits for this assertion, so it fails after the test has passed. Put await before it.',
    fails: 'A test that is expected to fail needs the reason, in a comment above it.',
    alwaysTrue: 'This is true whatever the code does. Assert on what the code returned.',
    await: 'Wait for the assertion.',
  },
  create(context) {
    const { sourceCode } = context
    return {
      TryStatement(node) {
        const { handler } = node
        if (!handler || node.finalizer?.body.some(({ type }) => type === 'ThrowStatement')) return
        if (!assertsDirectly(node.block, sourceCode) || handlesFailure(handler, sourceCode)) return
        context.report({ node: handler, messageId: 'swallowed' })
      },
      ExpressionStatement(node) {
        const expression = unwrap(node.expression)
        const inner = expression.type === 'AwaitExpression' ? unwrap(expression.argument) : expression
        if (isWithoutMatcher(inner)) context.report({ node, messageId: 'noMatcher' })
        else if (inner === expression && isPromised(inner)) {
          const isAsync = enclosingFunction(node)?.async ?? true
          const fix = (fixer: Rule.RuleFixer) => fixer.insertTextBefore(node, 'await ')
          context.report({ node, messageId: 'notAwaited', suggest: isAsync ? [{ messageId: 'await', fix }] : [] })
        }
      },
      CallExpression(node) {
        if (dropsFailure(node, sourceCode)) context.report({ node, messageId: 'dropped' })
        else if (isAssertion(node) && isAlwaysTrue(node)) context.report({ node, messageId: 'alwaysTrue' })
        const call = testCall(node)
        const expected = call?.modifiers.some((modifier) => modifier === 'fails' || modifier === 'failing')
        if (expected && reasonBefore(node, sourceCode) === undefined) context.report({ node, messageId: 'fails' })
      },
    }
  },
})

/** Whether an assertion runs in the block itself, and not in a function that is only made there. */
function assertsDirectly(block: ESTree.BlockStatement, sourceCode: SourceCode): boolean {
  const enter = (node: ESTree.Node) => !isFunction(node) && node.type !== 'TryStatement'
  for (const node of within(block, sourceCode, enter)) {
    // `expect.fail()` after what should have thrown: the handler then has to look at the error.
    if (node.type !== 'CallExpression' || !isAssertion(node)) continue
    if (!/^(?:expect|assert)\.fail$/.test(calleeOf(node.callee).path.join('.'))) return true
  }
  return false
}

/** Whether the error goes on: thrown, asserted on, or given to somebody. */
function handlesFailure(handler: ESTree.CatchClause, sourceCode: SourceCode): boolean {
  const names = new Set<string>()
  if (handler.param) {
    for (const node of within(handler.param, sourceCode)) if (node.type === 'Identifier') names.add(node.name)
  }
  for (const node of within(handler.body, sourceCode)) {
    if (node.type === 'ThrowStatement') return true
    if (node.type === 'CallExpression' && isAssertion(node)) return true
    if (node.type === 'CallExpression' && /^(?:fail|reject|done)$/.test(calleeOf(node.callee).path.at(-1) ?? ''))
      return true
    if (node.type === 'Identifier' && names.has(node.name) && !isOnlyPrinted(node)) return true
  }
  return false
}

function isOnlyPrinted(node: ESTree.Identifier): boolean {
  for (let parent = parentOf(node); parent; parent = parentOf(parent)) {
    if (parent.type === 'CallExpression') return calleeOf(parent.callee).path[0] === 'console'
    if (/Statement$|Declaration$/.test(parent.type)) return false
  }
  return false
}

/** `expect(x)`, `expect(x).not`, `expect(x).toBe` */
function isWithoutMatcher(node: ESTree.Node): boolean {
  if (node.type !== 'CallExpression' && node.type !== 'MemberExpression') return false
  const first = firstCall(node)
  if (!first || calleeOf(first.callee).path.join('.') !== 'expect') return false
  // Chai asserts by reading properties: `expect(x).to.be.true`.
  return (
    node === first ||
    (node.type === 'MemberExpression' && /^(?:not|resolves|rejects|to[A-Z]\w*)$/.test(calleeOf(node).path.at(-1) ?? ''))
  )
}

/** `expect(x).resolves.toBe(1)`, `expect.poll(f).toBe(1)` */
function isPromised(node: ESTree.Node): boolean {
  if (node.type !== 'CallExpression') return false
  const { path } = calleeOf(node.callee)
  const last = path.at(-1) ?? ''
  if (path[0] !== 'expect' || !/^to[A-Z]/.test(last)) return false
  return path.includes('resolves') || path.includes('rejects') || path[1] === 'poll'
}

/** `expect(p).resolves.toBe(1).catch(() => {})` */
function dropsFailure(node: ESTree.CallExpression, sourceCode: SourceCode): boolean {
  const callee = unwrap(node.callee)
  if (callee.type !== 'MemberExpression' || calleeOf(callee).path.at(-1) !== 'catch') return false
  const [handler] = node.arguments
  const isAsserted = isAssertion(callee.object) || asserts(callee.object, sourceCode)
  if (!isAsserted || !handler) return false
  if (!isFunction(handler)) return /^(?:noop|ignore)$/i.test(calleeOf(handler).path.at(-1) ?? '')
  if (handler.body.type !== 'BlockStatement')
    return handler.params.length === 0 && !holdsAssertion(handler.body, sourceCode)
  return handler.body.body.length === 0
}

/** `work().then((x) => expect(x).toBe(1))` */
function asserts(node: ESTree.Node, sourceCode: SourceCode): boolean {
  const call = unwrap(node)
  if (call.type !== 'CallExpression' || calleeOf(call.callee).path.at(-1) !== 'then') return false
  return call.arguments.some((argument) => holdsAssertion(argument, sourceCode))
}

/** `expect(x || true)`, `assert(x || true)`, `expect(true).toBe(true)` */
function isAlwaysTrue(node: ESTree.CallExpression): boolean {
  const { path } = calleeOf(node.callee)
  const value = node.arguments[0] && unwrap(node.arguments[0])
  if (path.length === 1 && value?.type === 'LogicalExpression' && value.operator === '||') return isTrue(value.right)
  const actual = firstCall(node)?.arguments[0]
  if (path[0] !== 'expect' || path.includes('not') || !actual || unwrap(actual).type !== 'Literal') return false
  if (path.at(-1) === 'toBeTruthy') return isTrue(actual)
  const isSame = value?.type === 'Literal' && value.value === (unwrap(actual) as ESTree.Literal).value
  return isSame && path.length === 2 && /^to(?:Be|Equal|StrictEqual)$/.test(path[1] ?? '')
}

function isTrue(node: ESTree.Node): boolean {
  const value = unwrap(node)
  return value.type === 'Literal' && value.value === true
}
