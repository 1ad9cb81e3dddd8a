import type { Rule } from 'eslint'
import type * as ESTree from 'estree'

import { calleeOf } from '../ast/callee.ts'
import { leftOut } from '../ast/left-out.ts'
import { enclosingFunction, located, unwrap } from '../ast/nodes.ts'
import { enclosingTestCalls, tagsOf, type TestCall, testCall, testCallOfBody } from '../ast/test-calls.ts'
import { propertyOf } from '../ast/values.ts'
import { categoryEvidence } from '../categories/file-category.ts'
import { categoryNamed } from '../categories/settings.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const DEFAULTS = { tags: ['mission_critical', 'mission-critical', 'no_skip', 'no-skip'] as string[] }

/** Tests on which everything rests run on every commit. */
export const noSkippedMissionCritical = createRule({
  name: 'no-skipped-mission-critical',
  description: 'Disallow leaving out mission-critical tests',
  hasSuggestions: true,
  messages: {
    skipped:
      '{{how}} leaves out a mission-critical test, which runs on every commit. Mend it, or move it to another category.',
    only: '.only leaves out the mission-critical tests beside it. Remove it.',
    remove: 'Remove .{{modifier}}.',
  },
  options: { tags: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
  create(context) {
    const { tags } = optionsOf(context, DEFAULTS)
    const isCriticalFile = categoryEvidence(context).some(({ category }) => category === 'mission_critical')
    const isTagged = (call: TestCall) => tagsOf(call).some((tag) => tags.includes(tag)) || hasMarker(call.title, tags)
    const only: ESTree.CallExpression[] = []
    const calls: { readonly node: ESTree.CallExpression; readonly how: string }[] = []
    const critical: ESTree.CallExpression[] = []
    return {
      CallExpression(node) {
        const call = testCall(node)
        if (!call || call.kind === 'hook') {
          const how = skipsWithin(node)
          if (how !== undefined && (isCriticalFile || enclosingTestCalls(node).some((outer) => isTagged(outer)))) {
            context.report({ node, messageId: 'skipped', data: { how } })
          }
          return
        }
        if (isTagged(call)) critical.push(node)
        const isOnly = call.modifiers.includes('only') || propertyOf(call.options, 'only') !== undefined
        if (isOnly) only.push(node)
        const out = leftOut(call, node).find(({ kind }) => kind === 'always' || kind === 'conditional')
        if (out) calls.push({ node, how: out.how })
      },
      'Program:exit': () => {
        for (const node of isCriticalFile || critical.length > 0 ? only : []) {
          context.report({ node, messageId: 'only', suggest: removing(node, ['only']) })
        }
        for (const { node, how } of calls) {
          const concerned = isCriticalFile || critical.some((test) => isWithin(test, node) || isWithin(node, test))
          const suggest = removing(node, ['skip', 'todo', 'fixme'])
          if (concerned) context.report({ node, messageId: 'skipped', data: { how }, suggest })
        }
      },
    }
  },
})

/** `ctx.skip()` and `t.skip()` in a test, where `ctx` is what it was given. */
function skipsWithin(node: ESTree.CallExpression): string | undefined {
  const { path, root } = calleeOf(node.callee)
  const last = path.at(-1) ?? ''
  if (!/^(?:skip|todo)$/.test(last) || path.length > 2 || !root) return undefined
  const body = enclosingFunction(node)
  const [first] = testCallOfBody(body)?.kind === 'test' ? (body?.params ?? []) : []
  if (first?.type === 'Identifier') return path.length === 2 && first.name === root.name ? path.join('.') : undefined
  const isGiven =
    first?.type === 'ObjectPattern' &&
    first.properties.some(
      (property) =>
        property.type === 'Property' && property.value.type === 'Identifier' && property.value.name === root.name,
    )
  return isGiven && (path.length === 1 || root.name === 'task') ? path.join('.') : undefined
}

/** Playwright's way to tag, in titles: `pays @mission_critical`. */
function hasMarker(title: string | undefined, tags: string[]): boolean {
  const found = [...(title ?? '').matchAll(/@([\w-]+)/g)].map(([, tag = '']) => tag)
  return found.some((tag) => tags.includes(tag) || categoryNamed(tag) === 'mission_critical')
}

function isWithin(node: ESTree.Node, outer: ESTree.Node): boolean {
  const [start, end] = located(node).range
  const [outerStart, outerEnd] = located(outer).range
  return outerStart <= start && end <= outerEnd
}

function removing(node: ESTree.CallExpression, modifiers: string[]): Rule.SuggestionReportDescriptor[] {
  let inner: ESTree.Node = unwrap(node.callee)
  for (;;) {
    if (inner.type === 'CallExpression') inner = unwrap(inner.callee)
    else if (inner.type !== 'MemberExpression') return []
    else if (inner.property.type === 'Identifier' && modifiers.includes(inner.property.name)) break
    else inner = unwrap(inner.object)
  }
  const { object, property } = inner
  const range: [number, number] = [located(object).range[1], located(property).range[1]]
  const modifier = property.name
  return [{ messageId: 'remove', data: { modifier }, fix: (fixer) => fixer.removeRange(range) }]
}
