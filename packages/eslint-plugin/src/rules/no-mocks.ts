import type { Rule } from 'eslint'
import type * as ESTree from 'estree'
import picomatch from 'picomatch'

import { importedFrom, requiredModule } from '../ast/bindings.ts'
import { calleeOf, firstCall } from '../ast/callee.ts'
import { mockCall } from '../ast/mock-calls.ts'
import { unwrap } from '../ast/nodes.ts'
import { stringValue } from '../ast/values.ts'
import { fileCategory } from '../categories/file-category.ts'
import { CATEGORIES, settingsOf } from '../categories/settings.ts'
import { createRule, optionsOf } from '../create-rule.ts'

const MOCKING_MODULES = [
  'sinon', 'nock', 'msw', 'msw/*', 'testdouble', 'proxyquire', 'rewire', 'esmock', 'mock-require', 'mock-fs', 'ts-mockito',
  'fetch-mock', 'jest-fetch-mock', 'vitest-fetch-mock', 'axios-mock-adapter', 'moxios', 'mockdate', 'mock-socket',
  'jest-mock-extended', 'vitest-mock-extended', '@golevelup/ts-jest', '@golevelup/ts-vitest', 'aws-sdk-client-mock',
  'ioredis-mock', 'redis-mock', 'redis-memory-server', 'pg-mem', 'mock-knex', 'kafkajs-mock', 'mock-aws-s3',
] // prettier-ignore

const DEFAULTS = {
  forbidIn: ['e2e', 'mission_critical', 'performance'] as string[],
  ownCodeIn: ['integration'] as string[],
  modules: [] as string[],
}

/** No mocks where the real thing runs, and none of own code in integration tests. */
export const noMocks = createRule({
  name: 'no-mocks',
  description: 'Disallow mocks in end-to-end tests, and mocks of own code in integration tests',
  messages: {
    mock: '{{name}} stands in the way of the real thing in a test of the category {{category}}. Start the real service with the fixtures, or move the test to tests/unit.',
    module:
      "'{{module}}' makes mocks, and this test is of the category {{category}}. Start the real service with the fixtures, or move the test to tests/unit.",
    ownCode:
      '{{name}} replaces your own code in a test of the category {{category}}. Call the real code, or move the test to tests/unit.',
  },
  options: {
    forbidIn: { type: 'array', items: { enum: CATEGORIES }, uniqueItems: true },
    ownCodeIn: { type: 'array', items: { enum: CATEGORIES }, uniqueItems: true },
    modules: { type: 'array', items: { type: 'string' }, uniqueItems: true },
  },
  create(context) {
    const category = fileCategory(context)
    const { forbidIn, ownCodeIn, modules } = optionsOf(context, DEFAULTS)
    if (category === undefined) return {}
    if (forbidIn.includes(category)) return forbidAll(context, category, [...MOCKING_MODULES, ...modules])
    return ownCodeIn.includes(category) ? forbidOwnCode(context, category) : {}
  },
})

function forbidAll(context: Rule.RuleContext, category: string, patterns: string[]): Rule.RuleListener {
  const isMocking = picomatch(patterns)
  const checkModule = (node: ESTree.Node, module: string | undefined) => {
    if (module === undefined || !isMocking(module)) return
    context.report({ node, messageId: 'module', data: { module, category } })
  }
  return {
    ImportDeclaration: (node) => {
      const isType = (node as { importKind?: string }).importKind === 'type'
      if (!isType) checkModule(node, stringValue(node.source))
    },
    ImportExpression: (node) => checkModule(node, stringValue(node.source)),
    CallExpression(node) {
      if (node.callee.type === 'Identifier') checkModule(node, requiredModule(node))
      const call = mockCall(node, context.sourceCode)
      // An empty function that records its calls stands in for nothing by itself.
      if (call && call.kind !== 'function') {
        context.report({ node, messageId: 'mock', data: { name: call.name, category } })
      } else if (/^route\.fulfill$/.test(calleeOf(node.callee).path.join('.'))) {
        context.report({ node, messageId: 'mock', data: { name: 'route.fulfill', category } })
      }
    },
  }
}

function forbidOwnCode(context: Rule.RuleContext, category: string): Rule.RuleListener {
  const own = picomatch(settingsOf(context).ownPackages ?? [])
  const isOwn = (module: string | undefined) => module !== undefined && (/^[.#]|^[@~]\//.test(module) || own(module))
  return {
    CallExpression(node) {
      const call = mockCall(node, context.sourceCode)
      if (!call) return
      const report = () => context.report({ node, messageId: 'ownCode', data: { name: call.name, category } })
      const argument = node.arguments[0] && unwrap(node.arguments[0])
      if (call.kind === 'module') {
        const module = stringValue(argument) ?? (argument && requiredModule(argument))
        if (isOwn(module)) report()
      } else if (call.kind === 'behaviour') {
        const target = mockedObject(node)
        if (target && isOwn(importedFrom(context.sourceCode, target)?.module)) report()
      }
    },
  }
}

/** `users` in `vi.spyOn(users, 'find').mockReturnValue(1)`, `vi.mocked(users.find).mockReturnValue(1)`, `mock.method(users, 'find')`. */
function mockedObject(node: ESTree.CallExpression): ESTree.Identifier | undefined {
  const first = firstCall(node)
  const argument = (first ?? node).arguments[0]
  return argument && calleeOf(argument).root
}
