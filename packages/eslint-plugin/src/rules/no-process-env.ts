import type { Rule } from 'eslint'
import type * as ESTree from 'estree'
import picomatch from 'picomatch'

import { importedFrom, isGlobal } from '../ast/bindings.ts'
import { calleeOf } from '../ast/callee.ts'
import { parentOf, unwrap } from '../ast/nodes.ts'
import { keyName } from '../ast/values.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const DEFAULTS = { allowReads: false as boolean | string[] }

/** Tests of a process share `process.env`; each has an environment of its own in the fixtures. */
export const noProcessEnv = createRule({
  name: 'no-process-env',
  description: 'Disallow direct use of process.env in tests',
  messages: {
    write:
      'This changes {{what}} for every test of the process. Use the isolated environment: getEnv().set({{name}}, value, source).',
    read: 'A test that reads {{what}} depends on the machine that it runs on. Use the isolated environment: getEnv().get({{name}}), or getEnv().childEnvironment() for a program.',
  },
  options: {
    allowReads: {
      anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'string' }, uniqueItems: true }],
    },
  },
  create(context) {
    const { allowReads } = optionsOf(context, DEFAULTS)
    const names = Array.isArray(allowReads) && allowReads.length > 0 ? picomatch(allowReads) : undefined
    const mayRead = (name: string | undefined) => allowReads === true || (name !== undefined && names?.(name) === true)

    const check = (env: ESTree.Node) => {
      const parent = parentOf(env)
      const variable = parent?.type === 'MemberExpression' && unwrap(parent.object) === env ? parent : undefined
      const name = variable && keyName(variable)
      const isWrite = isWritten(variable ?? env)
      if (!isWrite && (mayRead(name) || isDestructuredAsAllowed(parent, mayRead))) return
      const what = name === undefined ? 'process.env' : `process.env.${name}`
      const data = { what, name: name === undefined ? 'name' : `'${name}'` }
      context.report({ node: variable ?? env, messageId: isWrite ? 'write' : 'read', data })
    }
    return {
      MemberExpression: (node) => {
        if (keyName(node) === 'env' && isProcess(context, node.object)) check(node)
      },
      Identifier: (node) => {
        const parent = parentOf(node)
        if (node.name !== 'env' || !parent || parent.type.startsWith('Import')) return
        if (parent.type === 'MemberExpression' && parent.property === node && !parent.computed) return
        if (parent.type === 'Property' && parent.key === node && parent.value !== node) return
        const imported = importedFrom(context.sourceCode, node)
        if (imported?.name === 'env' && /^(?:node:)?process$/.test(imported.module)) check(node)
      },
      CallExpression: (node) => {
        const { path } = calleeOf(node.callee)
        if (path.length !== 2 || !/^(?:vi|vitest)$/.test(path[0] ?? '') || path[1] !== 'stubEnv') return
        context.report({ node, messageId: 'write', data: { what: 'process.env', name: 'name' } })
      },
    }
  },
})

/** `process`, `globalThis.process`, or what was imported from node:process. */
function isProcess({ sourceCode }: Rule.RuleContext, node: ESTree.Node): boolean {
  const { path, root } = calleeOf(node)
  if (root === undefined || path.length > 2) return false
  if (path.length === 2) return /^(?:globalThis|global)$/.test(path[0] ?? '') && path[1] === 'process'
  const imported = importedFrom(sourceCode, root)
  if (imported) return /^(?:node:)?process$/.test(imported.module) && /^(?:default|\*)$/.test(imported.name)
  return root.name === 'process' && isGlobal(sourceCode, root)
}

function isWritten(node: ESTree.Node): boolean {
  const parent = parentOf(node)
  if (parent?.type === 'AssignmentExpression') return unwrap(parent.left) === node
  if (parent?.type === 'UnaryExpression') return parent.operator === 'delete'
  if (parent?.type !== 'CallExpression' || parent.arguments[0] !== node) return false
  return /^(?:Object|Reflect)\.(?:assign|definePropert(?:y|ies)|set|deleteProperty)$/.test(
    calleeOf(parent.callee).path.join('.'),
  )
}

/** `const { CI } = process.env`, where `CI` may be read. */
function isDestructuredAsAllowed(parent: ESTree.Node | undefined, mayRead: (name: string | undefined) => boolean) {
  if (parent?.type !== 'VariableDeclarator' || parent.id.type !== 'ObjectPattern') return false
  return parent.id.properties.every(
    (property) => property.type === 'Property' && mayRead(keyName(property as ESTree.Property)),
  )
}
