import type { SourceCode } from 'eslint'
import type * as ESTree from 'estree'

import { importedFrom } from './bindings.ts'
import { calleeOf } from './callee.ts'

/** What a call mocks. */
export interface MockCall {
  /** `module`: a whole module; `function`: an empty function that answers what it is told; `behaviour`: one that is there. */
  readonly kind: 'module' | 'function' | 'behaviour'
  /** As it is written, for messages: `vi.mock`. */
  readonly name: string
}

const MODULE = /^(?:mock|doMock|unstable_mockModule|importMock|createMockFromModule|genMockFromModule|setMock)$/
const BEHAVIOUR = /^mock(?:Implementation|ReturnValue|ResolvedValue|RejectedValue|Throw)(?:Once)?$/
const NODE_TEST = /^(?:method|getter|setter|property|module)$/

/** What a call mocks with the means of Vitest, Jest or node:test; nothing if it mocks nothing. */
export function mockCall(node: ESTree.Node, sourceCode: SourceCode): MockCall | undefined {
  if (node.type !== 'CallExpression') return undefined
  const { path, root } = calleeOf(node.callee)
  const [first = '', second = ''] = path
  const last = path.at(-1) ?? ''
  const name = path.join('.')
  if (path.length > 1 && BEHAVIOUR.test(last)) return { kind: 'behaviour', name: `.${last}` }
  if (/^(?:vi|vitest|jest)$/.test(first) && path.length === 2) {
    if (MODULE.test(second)) return { kind: 'module', name }
    if (second === 'fn') return { kind: 'function', name }
    if (/^(?:stubGlobal|replaceProperty)$/.test(second)) return { kind: 'behaviour', name }
  }
  const isNodeTest = path.at(-2) === 'mock' && (path.length > 2 || isFromNodeTest(root, sourceCode))
  if (!isNodeTest) return undefined
  if (last === 'fn') return { kind: 'function', name }
  return NODE_TEST.test(last) ? { kind: last === 'module' ? 'module' : 'behaviour', name } : undefined
}

function isFromNodeTest(root: ESTree.Identifier | undefined, sourceCode: SourceCode): boolean {
  return root !== undefined && importedFrom(sourceCode, root)?.module === 'node:test'
}
