import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { located, parentOf } from './ast/nodes.ts'

const DIRECTIVE = /^\s*(?:eslint|oxlint|@ts-|prettier|biome|istanbul|[cv]8 |global |#)/

/**
 * The text of the comments that belong to a statement: those directly above it, and one behind its first line. Blank
 * lines end it, as do directives of tools.
 */
export function commentOf(node: ESTree.Node, sourceCode: SourceCode): string {
  let statement = node
  for (let parent = parentOf(node); parent && !isBlock(parent); parent = parentOf(parent)) statement = parent
  let line = located(statement).loc.start.line
  const first = located(node).loc.start.line
  const comments = sourceCode
    .getAllComments()
    .flatMap((comment) => (comment.loc ? [{ ...comment, loc: comment.loc }] : []))
  const above: string[] = []
  for (const comment of comments.toReversed()) {
    if (comment.loc.end.line !== line - 1) continue
    if (!standsAlone(comment.loc.start, sourceCode)) break
    if (!DIRECTIVE.test(comment.value)) above.unshift(comment.value)
    line = comment.loc.start.line
  }
  const behind = comments.filter(({ loc, value }) => loc.start.line === first && !DIRECTIVE.test(value))
  return [...above, ...behind.map(({ value }) => value)].map(withoutStars).join('\n').trim()
}

/** The text of the comment of a statement if it says anything. */
export function reasonBefore(node: ESTree.Node, sourceCode: SourceCode): string | undefined {
  const text = commentOf(node, sourceCode)
  return /\p{L}{2}/u.test(text) ? text : undefined
}

/** The text of a block comment without the stars before its lines. */
export function withoutStars(text: string): string {
  return text.replaceAll(/^[ \t]*\*+[ \t]?/gm, '')
}

function isBlock({ type }: ESTree.Node): boolean {
  return type === 'Program' || type === 'BlockStatement' || type === 'StaticBlock'
}

function standsAlone(start: ESTree.Position, sourceCode: SourceCode): boolean {
  return (sourceCode.lines[start.line - 1] ?? '').slice(0, start.column).trim() === ''
}
