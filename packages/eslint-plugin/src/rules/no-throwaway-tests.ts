import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'
import picomatch from 'picomatch'

import { importedFrom } from '../ast/bindings.ts'
import { calleeOf } from '../ast/callee.ts'
import { within } from '../ast/nodes.ts'
import { testCall } from '../ast/test-calls.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const WHOLE =
  /^(?:te?mp|tests?|debug|scratch|foo|bar|baz|asdf|qwerty|wip|untitled|playground|sandbox|experiment|try|tryout|xxx?|aaa|(?:delete|remove)-?me|copy|new|old|backup)[-_.]?\d*$/i
const ENDING = /(?:[-_. ](?:te?mp|scratch|wip|copy|backup|bak|old|debug)[-_.]?\d*| \(\d+\))$/i

const DEFINES = /^(?:rule)?tester$|(?:tests?|specs?|suite|contract|scenarios?)$|behaves/i

const DEFAULTS = { allow: [] as string[] }

/** A test that nobody can find by what it tests was written for a moment, and stayed. */
export const noThrowawayTests = createRule({
  name: 'no-throwaway-tests',
  description: 'Disallow test files with names of the moment, and test files without a test',
  messages: {
    name: "'{{file}}' says nothing about what it tests. Name it after that, or delete it.",
    empty: 'No test stands in this file. Write one, or delete the file; helpers need another name than {{file}}.',
  },
  options: { allow: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
  create(context) {
    const { allow } = optionsOf(context, DEFAULTS)
    const file = basename(context.filename)
    if (allow.length > 0 && picomatch(allow, { dot: true })(file)) return {}
    return {
      Program(node) {
        const name = file.replace(/(?:[._-](?:test|spec))?\.[cm]?[jt]sx?$/i, '')
        if ((WHOLE.test(name) || ENDING.test(name)) && !hasSubject(context.filename, name)) {
          context.report({ loc: { line: 1, column: 0 }, messageId: 'name', data: { file } })
        }
        if (!holdsTest(node, context.sourceCode)) {
          context.report({ loc: { line: 1, column: 0 }, messageId: 'empty', data: { file } })
        }
      },
    }
  },
})

/** Whether a module of that name stands beside the test: then it is what the test is about. */
function hasSubject(filename: string, name: string): boolean {
  const folder = dirname(filename)
  return ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs'].some((ending) =>
    existsSync(join(folder, `${name}.${ending}`)),
  )
}

function holdsTest(program: ESTree.Program, sourceCode: SourceCode): boolean {
  for (const node of within(program, sourceCode)) {
    if (node.type !== 'CallExpression') continue
    const call = testCall(node)
    if (call && call.kind !== 'hook') return true
    const { path, root } = calleeOf(node.callee)
    if (path.some((name) => /^(?:test|it|describe)$/.test(name))) return true
    // Tests that another module defines: `contractTests(store)`.
    if (root && importedFrom(sourceCode, root) && path.some((name) => DEFINES.test(name))) return true
  }
  return false
}
