import type * as ESTree from 'estree'

import { calleeOf } from './callee.ts'
import { ancestors, type FunctionNode, isFunction, parentOf, unwrap } from './nodes.ts'
import { propertyOf, stringsOf, textValue } from './values.ts'

/** A call that defines a test, a group of tests, or what is done around them. */
export interface TestCall {
  readonly kind: 'test' | 'suite' | 'hook'
  /** What follows the name: `['skip', 'each']` for `test.skip.each`. `xit` is `skip`, `fit` is `only`. */
  readonly modifiers: readonly string[]
  readonly title: string | undefined
  readonly options: ESTree.ObjectExpression | undefined
  readonly body: FunctionNode | undefined
}

const TESTS = new Set(['test', 'it', 'specify', 'bench', 'xit', 'xtest', 'fit', 'ftest'])
const SUITES = new Set(['describe', 'suite', 'xdescribe', 'fdescribe'])
const HOOKS = new Set([
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
  'before',
  'after',
  'aroundEach',
  'aroundAll',
])
/** Members of a test function that define no test. */
const OTHERS = new Set([
  'extend',
  'use',
  'step',
  'info',
  'expect',
  'setTimeout',
  'override',
  'scoped',
  'configure',
  'slow',
])

/** What a call defines, for Vitest, Jest, Mocha, node:test and Playwright; nothing if it is no such call. */
export function testCall(node: ESTree.Node): TestCall | undefined {
  if (node.type !== 'CallExpression' || isCallee(node)) return undefined
  const { path } = calleeOf(node.callee)
  const [root = '', ...members] = path
  const args = node.arguments.map((argument) => unwrap(argument))
  const body = args.find((argument) => isFunction(argument))
  const title = args[0] && textValue(args[0])
  const kind = kindOf(root, members, title !== undefined && body !== undefined)
  if (kind === undefined) return undefined
  const options = args.find((argument) => argument.type === 'ObjectExpression')
  return { kind, modifiers: [...impliedModifier(root), ...members], title, options, body }
}

function kindOf(root: string, members: readonly string[], looksLikeTest: boolean): TestCall['kind'] | undefined {
  const last = members.at(-1) ?? ''
  if (HOOKS.has(root) && members.length === 0) return 'hook'
  if (SUITES.has(root)) return OTHERS.has(last) ? undefined : 'suite'
  if (!TESTS.has(root) && !(/[a-z\d]Test$/.test(root) && looksLikeTest)) return undefined
  if (HOOKS.has(last)) return 'hook'
  if (members.some((member) => OTHERS.has(member))) return undefined
  return members.includes('describe') || members.includes('suite') ? 'suite' : 'test'
}

function impliedModifier(root: string): string[] {
  if (/^x(?:it|test|describe)$/.test(root)) return ['skip']
  return /^f(?:it|test|describe)$/.test(root) ? ['only'] : []
}

/** `test.each([1])` of `test.each([1])('…')`. */
function isCallee(node: ESTree.CallExpression): boolean {
  const parent = parentOf(node)
  return parent?.type === 'CallExpression' && unwrap(parent.callee) === node
}

/** The tags of a test: `tags` of Vitest, `tag` of Playwright, without a leading `@`. */
export function tagsOf(call: TestCall): string[] {
  return [...stringsOf(propertyOf(call.options, 'tags')), ...stringsOf(propertyOf(call.options, 'tag'))].map((tag) =>
    tag.replace(/^@/, ''),
  )
}

/** The tests and groups in which a node stands, the nearest first. */
export function enclosingTestCalls(node: ESTree.Node): TestCall[] {
  return [...ancestors(node)].flatMap((parent) => testCall(parent) ?? [])
}

/** What the function is the body of: `test('…', function)` or `beforeEach(function)`. */
export function testCallOfBody(node: FunctionNode | undefined): TestCall | undefined {
  const parent = node && parentOf(node)
  const call = parent && testCall(parent)
  return call?.body === node ? call : undefined
}
