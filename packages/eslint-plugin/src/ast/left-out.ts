import type * as ESTree from 'estree'

import { calleeOf } from './callee.ts'
import { isFunction, unwrap } from './nodes.ts'
import { tagsOf, type TestCall } from './test-calls.ts'
import { numberValue, propertyOf, stringValue } from './values.ts'

/** How a test is kept from counting: `skip`, `todo`, `retry`, a tag. */
export interface LeftOut {
  readonly how: string
  /** `always`: whatever the environment; `conditional`: depending on it; `retry`: it may fail and be run again. */
  readonly kind: 'always' | 'conditional' | 'retry' | 'tag'
}

const TAGS = /^(?:flaky|quarantined?|unstable)$/i

/** What keeps a test, or a group of them, from counting. */
export function leftOut(call: TestCall, node: ESTree.CallExpression): LeftOut[] {
  const name = calleeOf(node.callee).path.join('.')
  const found: LeftOut[] = []
  for (const modifier of call.modifiers) {
    if (/^(?:skip|todo|fixme)$/.test(modifier))
      found.push({ how: name, kind: isConditional(node) ? 'conditional' : 'always' })
    if (/^(?:skipIf|runIf)$/.test(modifier)) found.push({ how: name, kind: 'conditional' })
  }
  for (const option of ['skip', 'todo']) {
    const value = propertyOf(call.options, option)
    if (value && !isFalse(value)) found.push({ how: option, kind: isTrueOrText(value) ? 'always' : 'conditional' })
  }
  const retry = propertyOf(call.options, 'retry') ?? propertyOf(call.options, 'retries')
  if (retry && numberValue(retry) !== 0) found.push({ how: 'retry', kind: 'retry' })
  const tag = tagsOf(call).find((candidate) => TAGS.test(candidate))
  if (tag !== undefined) found.push({ how: `the tag ${tag}`, kind: 'tag' })
  return found
}

/** `test.skip(browser === 'webkit', 'reason')` of Playwright, within a test. */
function isConditional(node: ESTree.CallExpression): boolean {
  const [first] = node.arguments
  const hasBody = node.arguments.some((argument) => isFunction(unwrap(argument)))
  return first !== undefined && stringValue(first) === undefined && !hasBody && unwrap(first).type !== 'TemplateLiteral'
}

function isFalse(node: ESTree.Node): boolean {
  const value = unwrap(node)
  return value.type === 'Literal' && !value.value
}

function isTrueOrText(node: ESTree.Node): boolean {
  const value = unwrap(node)
  return (value.type === 'Literal' && value.value === true) || stringValue(value) !== undefined
}
