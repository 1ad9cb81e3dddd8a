import type * as ESTree from 'estree'

import { unwrap } from './nodes.ts'

/** The text of a string, of a template without gaps, or nothing. */
export function stringValue(node: ESTree.Node | null | undefined): string | undefined {
  if (!node) return undefined
  const value = unwrap(node)
  if (value.type === 'Literal' && typeof value.value === 'string') return value.value
  if (value.type === 'TemplateLiteral' && value.expressions.length === 0)
    return value.quasis[0]?.value.cooked ?? undefined
  return undefined
}

/** The text of a string or of a template, whose gaps become `${}`. */
export function textValue(node: ESTree.Node): string | undefined {
  const value = unwrap(node)
  if (value.type !== 'TemplateLiteral') return stringValue(value)
  return value.quasis.map(({ value: { cooked, raw } }) => cooked ?? raw).join('${}')
}

/** The value of a number that is written out, or nothing. */
export function numberValue(node: ESTree.Node | null | undefined): number | undefined {
  if (!node) return undefined
  const value = unwrap(node)
  return value.type === 'Literal' && typeof value.value === 'number' ? value.value : undefined
}

/** The name of a property that is written out: `a`, `'a'`, `['a']`. */
export function keyName(property: ESTree.Property | ESTree.MemberExpression): string | undefined {
  const key = property.type === 'Property' ? property.key : property.property
  return !property.computed && key.type === 'Identifier' ? key.name : stringValue(key)
}

/** The value under a name in an object that is written out, or nothing. */
export function propertyOf(node: ESTree.Node | undefined, name: string): ESTree.Node | undefined {
  if (node?.type !== 'ObjectExpression') return undefined
  for (const property of node.properties) {
    if (property.type === 'Property' && keyName(property) === name) return property.value
  }
  return undefined
}

/** The strings of a string, or of an array of strings. */
export function stringsOf(node: ESTree.Node | undefined): string[] {
  if (node === undefined) return []
  const value = unwrap(node)
  const nodes = value.type === 'ArrayExpression' ? value.elements : [value]
  return nodes.flatMap((element) => stringValue(element) ?? [])
}
