import type { SourceCode } from 'eslint'

import { type FunctionNode, located } from '../ast/nodes.ts'
import { testCall } from '../ast/test-calls.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const DEFAULTS = { max: 100, skipBlankLines: false, skipComments: false }

/** A test that does not fit on two screens tests several things. */
export const maxTestLines = createRule({
  name: 'max-test-lines',
  description: 'Limit the lines of one test',
  type: 'suggestion',
  messages: {
    long: 'This test has {{lines}} lines, more than {{max}}. Test one behaviour in each, and move set-up to fixtures.',
  },
  options: {
    max: { type: 'integer', minimum: 1 },
    skipBlankLines: { type: 'boolean' },
    skipComments: { type: 'boolean' },
  },
  create(context) {
    const options = optionsOf(context, DEFAULTS)
    return {
      CallExpression(node) {
        const call = testCall(node)
        if (call?.kind !== 'test' || !call.body) return
        const lines = linesOf(call.body, context.sourceCode, options)
        if (lines <= options.max) return
        context.report({
          node: node.callee,
          messageId: 'long',
          data: { lines: String(lines), max: String(options.max) },
        })
      },
    }
  },
})

function linesOf(body: FunctionNode, sourceCode: SourceCode, options: typeof DEFAULTS): number {
  const { start, end } = located(body).loc
  const left = new Set<number>()
  for (let line = start.line; line <= end.line; line++) {
    if (options.skipBlankLines && (sourceCode.lines[line - 1] ?? '').trim() === '') left.add(line)
  }
  for (const { loc } of options.skipComments ? sourceCode.getCommentsInside(body) : []) {
    if (!loc) continue
    for (let line = loc.start.line; line <= loc.end.line; line++) {
      const text = sourceCode.lines[line - 1] ?? ''
      const before = line === loc.start.line ? text.slice(0, loc.start.column).trim() : ''
      const after = line === loc.end.line ? text.slice(loc.end.column).trim() : ''
      if (before === '' && after === '') left.add(line)
    }
  }
  return end.line - start.line + 1 - left.size
}
