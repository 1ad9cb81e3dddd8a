import type { Scope, SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { unwrap } from './nodes.ts'
import { stringValue } from './values.ts'

/** What an identifier was imported as. */
export interface Imported {
  readonly module: string
  /** The name there; `default`, or `*` for the whole module. */
  readonly name: string
}

/** The variable that an identifier stands for; nothing for globals that no configuration names. */
export function variableOf(sourceCode: SourceCode, identifier: ESTree.Identifier): Scope.Variable | undefined {
  let scope: Scope.Scope | null = sourceCode.getScope(identifier)
  while (scope) {
    const variable = scope.set.get(identifier.name)
    if (variable) return variable
    scope = scope.upper
  }
  return undefined
}

/** Whether the file itself does not define what the identifier stands for. */
export function isGlobal(sourceCode: SourceCode, identifier: ESTree.Identifier): boolean {
  return (variableOf(sourceCode, identifier)?.defs.length ?? 0) === 0
}

/** Where an identifier was imported from, with `import` or `require`. */
export function importedFrom(sourceCode: SourceCode, identifier: ESTree.Identifier): Imported | undefined {
  const definition = variableOf(sourceCode, identifier)?.defs[0]
  if (definition?.type === 'ImportBinding') {
    const module = String(definition.parent.source.value)
    const specifier = definition.node
    if (specifier.type === 'ImportNamespaceSpecifier') return { module, name: '*' }
    if (specifier.type !== 'ImportSpecifier') return { module, name: 'default' }
    const { imported } = specifier
    return { module, name: imported.type === 'Identifier' ? imported.name : String(imported.value) }
  }
  if (definition?.type !== 'Variable' || !definition.node.init) return undefined
  const module = requiredModule(definition.node.init)
  if (module === undefined) return undefined
  const { id } = definition.node
  if (id.type === 'Identifier') return { module, name: '*' }
  if (id.type !== 'ObjectPattern') return undefined
  for (const property of id.properties) {
    if (property.type !== 'Property' || property.value.type !== 'Identifier') continue
    if (property.value.name === identifier.name && property.key.type === 'Identifier') {
      return { module, name: property.key.name }
    }
  }
  return undefined
}

/** The module that `require('x')` or `await import('x')` loads. */
export function requiredModule(node: ESTree.Node): string | undefined {
  let value = unwrap(node)
  if (value.type === 'AwaitExpression') value = unwrap(value.argument)
  if (value.type === 'ImportExpression') return stringValue(value.source)
  if (value.type !== 'CallExpression' || value.callee.type !== 'Identifier') return undefined
  return value.callee.name === 'require' ? stringValue(value.arguments[0]) : undefined
}

/** What a variable was set to where it was defined, if it is a constant. */
export function constantValue(sourceCode: SourceCode, identifier: ESTree.Identifier): ESTree.Node | undefined {
  const definition = variableOf(sourceCode, identifier)?.defs[0]
  if (definition?.type !== 'Variable' || definition.parent.kind !== 'const') return undefined
  return definition.node.id.type === 'Identifier' ? (definition.node.init ?? undefined) : undefined
}
