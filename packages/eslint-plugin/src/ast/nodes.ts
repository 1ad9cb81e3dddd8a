import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'

/** Functions of each form. */
export type FunctionNode = ESTree.FunctionExpression | ESTree.ArrowFunctionExpression | ESTree.FunctionDeclaration

/** Where in the text a node stands. */
export interface Located {
  readonly range: readonly [number, number]
  readonly loc: ESTree.SourceLocation
}

const WRAPPERS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'ChainExpression'])

/** The expression itself, without casts, `!` and the marks of optional chains. */
export function unwrap(node: ESTree.Node): ESTree.Node {
  let inner = node
  while (WRAPPERS.has(inner.type)) inner = (inner as unknown as { expression: ESTree.Node }).expression
  return inner
}

/** What the node stands in, casts and the marks of optional chains apart. */
export function parentOf(node: ESTree.Node): ESTree.Node | undefined {
  let parent = (node as { parent?: ESTree.Node | null }).parent ?? undefined
  while (parent !== undefined && WRAPPERS.has(parent.type)) {
    parent = (parent as { parent?: ESTree.Node | null }).parent ?? undefined
  }
  return parent
}

/** All that the node stands in, the nearest first. */
export function* ancestors(node: ESTree.Node): Generator<ESTree.Node> {
  for (let parent = parentOf(node); parent !== undefined; parent = parentOf(parent)) yield parent
}

/** The node and everything in it, in the order of the text. With `enter`, what lies in a refused node is left out. */
export function* within(
  node: ESTree.Node,
  sourceCode: SourceCode,
  enter: (node: ESTree.Node) => boolean = () => true,
): Generator<ESTree.Node> {
  yield node
  for (const key of sourceCode.visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, ESTree.Node | (ESTree.Node | null)[] | null | undefined>)[key]
    for (const next of Array.isArray(child) ? child : [child]) {
      if (next && enter(next)) yield* within(next, sourceCode, enter)
    }
  }
}

/** Whether the node is a function, of whatever form. */
export function isFunction(node: ESTree.Node | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression' ||
    node?.type === 'FunctionDeclaration'
  )
}

/** The function in which a node stands, or nothing at the top of the file. */
export function enclosingFunction(node: ESTree.Node): FunctionNode | undefined {
  for (const parent of ancestors(node)) if (isFunction(parent)) return parent
  return undefined
}

/** Where the node stands; parsers for ESLint always say so. */
export function located(node: ESTree.Node): Located {
  return node as unknown as Located
}

/** How many lines the node covers. */
export function lineCount(node: ESTree.Node): number {
  const { loc } = located(node)
  return loc.end.line - loc.start.line + 1
}
