import type { Rule, SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { importedFrom } from '../ast/bindings.ts'
import { calleeOf, firstCall } from '../ast/callee.ts'
import { ancestors, enclosingFunction, isFunction, located, parentOf, unwrap, within } from '../ast/nodes.ts'
import { testCallOfBody } from '../ast/test-calls.ts'
import { numberValue } from '../ast/values.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const SLEEPERS =
  /^(?:sleep|delay|pause|wait|waitFor(?:Ms|Millis|Milliseconds|Seconds|Time|Timeout)|sleepMs|timeout|snooze)$/

const DEFAULTS = { names: [] as string[], polling: false }

/** Waiting for time makes a test slow on fast machines, and wrong on slow ones. */
export const noSleep = createRule({
  name: 'no-sleep',
  description: 'Disallow sleeping in tests; wait for a condition instead',
  hasSuggestions: true,
  messages: {
    sleep:
      'Waiting for time is too long on a fast machine and too short on a slow one. Wait for the condition: waitForCondition(…), expect.poll(…) or vi.waitFor(…).',
    polling:
      'This loop has no deadline and no message. Wait with waitForCondition(…), expect.poll(…) or vi.waitFor(…).',
    poll: 'Poll the assertion that follows, and do not sleep.',
  },
  options: {
    names: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    polling: { type: 'boolean' },
  },
  create(context) {
    const { names, polling } = optionsOf(context, DEFAULTS)
    return {
      AwaitExpression(node) {
        if (!isSleep(unwrap(node.argument), context.sourceCode, names)) return
        const owner = enclosingFunction(node)
        // Elsewhere it may be a slow service that the test plays, or a helper of its own.
        if (owner && !testCallOfBody(owner)) return
        const isPolling = isInConditionLoop(node)
        if (isPolling && !polling) return
        const suggest = isPolling ? [] : pollingInstead(node, context.sourceCode)
        context.report({ node, messageId: isPolling ? 'polling' : 'sleep', suggest })
      },
    }
  },
})

function isSleep(node: ESTree.Node, sourceCode: SourceCode, names: string[]): boolean {
  if (node.type === 'NewExpression') return isPromiseOfTime(node, sourceCode)
  if (node.type !== 'CallExpression') return false
  const { path, root } = calleeOf(node.callee)
  const last = path.at(-1) ?? ''
  const imported = root && importedFrom(sourceCode, root)
  const fromTimers = imported !== undefined && /^(?:node:)?timers\/promises$/.test(imported.module)
  const original = fromTimers && path.length === 1 ? imported.name : last
  // `setTimeout(0)` waits for the next turn of the event loop, however slow the machine.
  const [time] = node.arguments
  if (time && numberValue(time) === 0) return false
  if (fromTimers) return path.includes('scheduler') ? last === 'wait' : original === 'setTimeout'
  if (names.includes(last)) return true
  if (last === 'waitForTimeout') return true
  // A function of that name that is given something else than a time is something else: `wait(condition)`.
  if (path.length !== 1 || !SLEEPERS.test(last) || node.arguments.length !== 1) return false
  return time !== undefined && mayBeTime(time)
}

function mayBeTime(node: ESTree.Node): boolean {
  const value = unwrap(node)
  if (value.type === 'Identifier')
    return /ms$|millis|seconds|time|delay|interval|duration|pause|grace/i.test(value.name)
  if (value.type === 'BinaryExpression') return mayBeTime(value.left) || mayBeTime(value.right)
  return numberValue(value) !== undefined
}

/** `new Promise((resolve) => setTimeout(resolve, 100))`, with nothing else in it. */
function isPromiseOfTime(node: ESTree.NewExpression, sourceCode: SourceCode): boolean {
  const executor = node.arguments[0]
  if (node.callee.type !== 'Identifier' || node.callee.name !== 'Promise' || !isFunction(executor)) return false
  const [resolve] = executor.params
  if (resolve?.type !== 'Identifier') return false
  const calls = [...within(executor.body, sourceCode)].filter((inner) => inner.type === 'CallExpression')
  const timer = calls.find(({ callee }) =>
    /^(?:(?:globalThis|window)\.)?setTimeout$/.test(calleeOf(callee).path.join('.')),
  )
  if (!timer || numberValue(timer.arguments[1]) === 0 || timer.arguments.length < 2) return false
  const [done] = timer.arguments
  const others = calls.filter((call) => call !== timer && calleeOf(call.callee).root?.name !== resolve.name)
  return others.length === 0 && done !== undefined && mentions(done, resolve.name, sourceCode)
}

function mentions(node: ESTree.Node, name: string, sourceCode: SourceCode): boolean {
  for (const inner of within(node, sourceCode)) if (inner.type === 'Identifier' && inner.name === name) return true
  return false
}

/** Whether it stands in a loop that ends when something has come true. */
function isInConditionLoop(node: ESTree.Node): boolean {
  for (const parent of ancestors(node)) {
    if (isFunction(parent)) return false
    if (parent.type === 'WhileStatement' || parent.type === 'DoWhileStatement') return true
    if (parent.type === 'ForStatement' && parent.update?.type !== 'UpdateExpression') return true
  }
  return false
}

/** `await sleep(1); expect(x).toBe(1)` → `await expect.poll(() => x).toBe(1)` */
function pollingInstead(node: ESTree.AwaitExpression, sourceCode: SourceCode): Rule.SuggestionReportDescriptor[] {
  const statement = parentOf(node)
  const block = statement && parentOf(statement)
  if (statement?.type !== 'ExpressionStatement' || (block?.type !== 'BlockStatement' && block?.type !== 'Program'))
    return []
  const next = block.body[block.body.indexOf(statement) + 1]
  if (next?.type !== 'ExpressionStatement') return []
  const call = firstCall(next.expression)
  const [value] = call?.arguments ?? []
  const path = next.expression.type === 'CallExpression' ? calleeOf(next.expression.callee).path : []
  if (call === undefined || value === undefined || path[0] !== 'expect' || call.callee.type !== 'Identifier') return []
  if (path.length < 2 || path.includes('resolves') || path.includes('rejects')) return []
  const isAsync = [...within(value, sourceCode)].some(({ type }) => type === 'AwaitExpression')
  const text = sourceCode.getText(value)
  const body = value.type === 'ObjectExpression' ? `(${text})` : text
  const poll = `await expect.poll(${isAsync ? 'async ' : ''}() => ${body}`
  const [start] = located(statement).range
  return [{ messageId: 'poll', fix: (fixer) => fixer.replaceTextRange([start, located(value).range[1]], poll) }]
}
