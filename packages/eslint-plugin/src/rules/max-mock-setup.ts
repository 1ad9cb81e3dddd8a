import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { mockCall } from '../ast/mock-calls.ts'
import { ancestors, isFunction, lineCount, parentOf, within } from '../ast/nodes.ts'
import { testCall, testCallOfBody } from '../ast/test-calls.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const DEFAULTS = { lines: 50, nested: 5 }

/** Where mocks take more room than the test, the test is about the mocks. */
export const maxMockSetup = createRule({
  name: 'max-mock-setup',
  description: 'Limit the lines of mock set-up, and mocks within mocks',
  type: 'suggestion',
  messages: {
    lines:
      'Mocks are set up over {{lines}} lines here, more than {{max}}. Use the real thing with the fixtures, or a small fake of your own.',
    nested:
      '{{count}} mocks stand within this one, more than {{max}}. Use the real thing with the fixtures, or a small fake of your own.',
  },
  options: { lines: { type: 'integer', minimum: 0 }, nested: { type: 'integer', minimum: 0 } },
  create(context) {
    const { sourceCode } = context
    const options = optionsOf(context, DEFAULTS)
    const statements = new Map<ESTree.Node, Set<ESTree.Node>>()
    return {
      CallExpression(node) {
        if (!mockCall(node, sourceCode)) return
        const { statement, place } = homeOf(node)
        statements.set(place, (statements.get(place) ?? new Set()).add(statement))
        const isOutermost = ![...ancestors(node)].some((parent) => mockCall(parent, sourceCode))
        const count = isOutermost ? mocksWithin(node, sourceCode) : 0
        if (count <= options.nested) return
        context.report({ node, messageId: 'nested', data: { count: String(count), max: String(options.nested) } })
      },
      'Program:exit': () => {
        for (const [place, owned] of statements) {
          const lines = [...owned].reduce((sum, statement) => sum + lineCount(statement), 0)
          const [first] = owned
          if (lines <= options.lines || !first) continue
          const node = place.type === 'Program' ? first : place
          context.report({ node, messageId: 'lines', data: { lines: String(lines), max: String(options.lines) } })
        }
      },
    }
  },
})

/** The statement that sets the mock up, and the test, hook, function or file to which it belongs. */
function homeOf(node: ESTree.Node): { statement: ESTree.Node; place: ESTree.Node } {
  let statement = node
  let place = node
  let inner = node
  for (const parent of ancestors(node)) {
    const call = isFunction(inner) ? testCallOfBody(inner) : undefined
    if (call) return { statement, place: inner }
    if (parent.type === 'Program' || (parent.type === 'BlockStatement' && isBodyOfTest(parent))) statement = inner
    place = parent
    inner = parent
  }
  return { statement, place }
}

function isBodyOfTest(block: ESTree.Node): boolean {
  const owner = parentOf(block)
  return isFunction(owner) && testCallOfBody(owner) !== undefined
}

/** How many mocks stand within one; a test in it, as within a mocked module, begins anew. */
function mocksWithin(node: ESTree.Node, sourceCode: SourceCode): number {
  let count = 0
  for (const inner of within(node, sourceCode, (candidate) => testCall(candidate) === undefined)) {
    // `vi.fn().mockReturnValue(1)` is one mock.
    const call = inner === node ? undefined : mockCall(inner, sourceCode)
    if (call && !isContinued(inner)) count += 1
  }
  return count
}

/** `vi.fn()` of `vi.fn().mockReturnValue(1)`, which counts where the chain ends. */
function isContinued(node: ESTree.Node): boolean {
  const parent = parentOf(node)
  return parent?.type === 'MemberExpression' && parent.object === node
}
