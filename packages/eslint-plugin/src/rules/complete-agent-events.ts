import type { Rule } from 'eslint'
import type * as ESTree from 'estree'

import { calleeOf, firstCall } from '../ast/callee.ts'
import { ancestors, unwrap } from '../ast/nodes.ts'
import { propertyOf, stringValue } from '../ast/values.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const EVENTS = new Set(['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'])
const REQUIRED = ['agent_started', 'agent_thinking', 'agent_completed']

const DEFAULTS = { functions: [] as string[] }

/** What an expected event says: its type, or that it cannot be told. */
type Expected = string | undefined

/** An agent shows five events in one order; a test that expects fewer lets a broken agent pass. */
export const completeAgentEvents = createRule({
  name: 'complete-agent-events',
  description: 'Require expected agent events to be complete and in order',
  messages: {
    missing:
      'The expected events leave out {{missing}}. Expect agent_started, agent_thinking, then calls of tools, then agent_completed; or check the execution with assertAgentExecution(…).',
    order:
      '{{event}} cannot come {{where}}. The order is agent_started, agent_thinking, tool_executing, tool_completed, agent_completed; tools may be absent.',
    mode: "With mode 'anyOrder' the order of the agent's events is not checked. Use 'strict' or 'subsequence'.",
  },
  options: { functions: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
  create(context) {
    const { functions } = optionsOf(context, DEFAULTS)
    return {
      CallExpression(node) {
        const list = expectedList(node, functions)
        if (!list || isExpectedToFail(node)) return
        const events = list.elements.map((element) => (element ? typeOf(unwrap(element)) : undefined))
        if (!events.some((event) => event !== undefined && EVENTS.has(event))) return
        const [, , options] = node.arguments
        if (stringValue(propertyOf(options ?? node.arguments[1], 'mode')) === 'anyOrder') {
          context.report({ node: options ?? list, messageId: 'mode' })
          return
        }
        check(context, list, events)
      },
    }
  },
})

/** The array of expected events, of calls that compare events with one. */
function expectedList(node: ESTree.CallExpression, functions: string[]): ESTree.ArrayExpression | undefined {
  const { path } = calleeOf(node.callee)
  const last = path.at(-1) ?? ''
  const args = node.arguments.map((argument) => unwrap(argument))
  if (last === 'assertWebSocketEvents' || functions.includes(last)) return asArray(args[1])
  if (last === 'sequence') return asArray(args[0])
  const isEqual = path[0] === 'expect' && !path.includes('not') && /^to(?:Strict)?Equal$/.test(last)
  const list = isEqual && firstCall(node) !== node ? asArray(args[0]) : undefined
  // Other arrays may hold one such name for another reason.
  const isOfEvents = list?.elements.every((element) =>
    /^(?:agent|tool)_/.test((element && typeOf(unwrap(element))) ?? ''),
  )
  return isOfEvents && (list?.elements.length ?? 0) > 1 ? list : undefined
}

function asArray(node: ESTree.Node | undefined): ESTree.ArrayExpression | undefined {
  return node?.type === 'ArrayExpression' ? node : undefined
}

function typeOf(node: ESTree.Node): Expected {
  return stringValue(node) ?? stringValue(propertyOf(node, 'type')) ?? stringValue(propertyOf(node, 'event'))
}

/** `expect(() => assertWebSocketEvents(…)).toThrow()` */
function isExpectedToFail(node: ESTree.Node): boolean {
  for (const parent of ancestors(node)) {
    if (parent.type === 'CallExpression' && calleeOf(parent.callee).path[0] === 'expect') return parent !== node
  }
  return false
}

function check(context: Rule.RuleContext, list: ESTree.ArrayExpression, events: readonly Expected[]): void {
  const known = events.flatMap((event, index) => (event !== undefined && EVENTS.has(event) ? [{ event, index }] : []))
  const wrong = firstOutOfOrder(known.map(({ event }) => event))
  if (wrong) {
    const at = known[wrong.position]
    const node = (at && list.elements[at.index]) ?? list
    context.report({ node, messageId: 'order', data: { event: at?.event ?? '', where: wrong.where } })
    return
  }
  // What cannot be told may be what seems to be missing, and a failure ends an execution too.
  const isOpen = events.some((event) => event === undefined || /(?:error|fail|cancel|abort|timeout)/i.test(event))
  const types = new Set(known.map(({ event }) => event))
  const missing = REQUIRED.filter((event) => !types.has(event))
  if (!isOpen && missing.length > 0) {
    context.report({ node: list, messageId: 'missing', data: { missing: missing.join(', ') } })
  }
}

function firstOutOfOrder(types: readonly string[]): { position: number; where: string } | undefined {
  let executing = 0
  for (const [position, type] of types.entries()) {
    const before = types.slice(0, position)
    const wrong = (where: string) => ({ position, where })
    if (type === 'agent_started' && position > 0) return wrong(`after ${before.at(-1)}`)
    if (type !== 'agent_completed' && before.includes('agent_completed')) return wrong('after agent_completed')
    if (type === 'tool_executing') executing += 1
    if (type === 'tool_completed' && executing-- === 0) return wrong('before tool_executing')
    if (type.startsWith('tool') && !before.includes('agent_thinking') && types.includes('agent_thinking', position)) {
      return wrong('before agent_thinking')
    }
    if (type === 'agent_completed' && (executing > 0 || before.includes(type))) {
      return wrong(executing > 0 ? 'before tool_completed' : 'twice')
    }
  }
  return undefined
}
