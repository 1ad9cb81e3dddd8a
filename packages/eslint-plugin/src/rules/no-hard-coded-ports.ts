import type { Rule } from 'eslint'
import type * as ESTree from 'estree'

import { isExpectedToThrow } from '../ast/assertions.ts'
import { constantValue, importedFrom } from '../ast/bindings.ts'
import { calleeOf } from '../ast/callee.ts'
import { unwrap } from '../ast/nodes.ts'
import { keyName, numberValue, stringValue, textValue } from '../ast/values.ts'
import { createRule, optionsOf } from '../create-rule.ts'

/** 0 lets the system choose; on 1 nothing listens, which tests of refused connections want. */
const DEFAULTS = { allow: [0, 1] as number[], functions: [] as string[] }

const LOCAL =
  /(?:^|[/@,])(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|host\.docker\.internal):(\d{1,5})(?![\d.])/gi
const NETWORK_MODULES =
  /^(?:node:)?(?:https?|net|tls|http2|dgram)$|^(?:undici|axios|got|ky|superagent|supertest|needle|node-fetch)$/
const SERVERS = /^(?:listen|connect|createConnection)$/
const CLIENTS = new Set([
  'fetch', 'goto', 'WebSocket', 'EventSource', 'Pool', 'Client', 'Redis', 'Cluster', 'Kafka', 'MongoClient', 'createClient',
  'createPool', 'WebSocketTestClient', 'webSocketClients', 'waitForWebSocketReady', 'supertest', 'axios', 'got', 'ky', 'io',
]) // prettier-ignore
const METHODS = /^(?:request|get|post|put|patch|delete|head|options|fetch|stream|create|extend|default)$/

/** A port that is written down is taken on some machine, and by the test beside. */
export const noHardCodedPorts = createRule({
  name: 'no-hard-coded-ports',
  description: 'Disallow port numbers that are written down where tests listen or connect',
  messages: {
    listen:
      'Port {{port}} may be taken, by another test too. Listen on port 0 and ask for the address, or lease one: leasePort(…).',
    connect:
      'Port {{port}} is written down here. Take it from TEST_PORTS, from a fixture, or from the address on which the server listens.',
  },
  options: {
    allow: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 65_535 }, uniqueItems: true },
    functions: { type: 'array', items: { type: 'string' }, uniqueItems: true },
  },
  create(context) {
    const { allow, functions } = optionsOf(context, DEFAULTS)
    const visit = (node: ESTree.CallExpression | ESTree.NewExpression) => {
      const { path, root } = calleeOf(node.callee)
      const name = path.at(-1) ?? ''
      // A function of that name alone is any function, unless it comes from a module of the network.
      const isServer = SERVERS.test(name) && (path.length > 1 || isOfNetwork(context, root))
      if (!isServer && !functions.includes(name) && !isClient(context, node)) return
      if (isExpectedToThrow(node)) return
      for (const { place, port } of portsIn(context, node.arguments, isServer || functions.includes(name))) {
        if (allow.includes(port) || port > 65_535) continue
        const messageId = name === 'listen' ? 'listen' : 'connect'
        context.report({ node: place, messageId, data: { port: String(port) } })
      }
    }
    return { CallExpression: visit, NewExpression: visit }
  },
})

function isClient({ sourceCode }: Rule.RuleContext, node: ESTree.CallExpression | ESTree.NewExpression): boolean {
  const { path, root } = calleeOf(node.callee)
  const name = path.at(-1) ?? ''
  if (node.type === 'NewExpression') return CLIENTS.has(name)
  const module = root && importedFrom(sourceCode, root)?.module
  if (module !== undefined && NETWORK_MODULES.test(module)) return path.length === 1 || METHODS.test(name)
  if (path.length === 1) return CLIENTS.has(name)
  // `app.fetch(…)` reaches no network, whatever the URL says.
  return /^(?:globalThis|window|axios|got|ky)$/.test(path[0] ?? '') ? METHODS.test(name) : name === 'goto'
}

function isOfNetwork({ sourceCode }: Rule.RuleContext, root: ESTree.Identifier | undefined): boolean {
  return NETWORK_MODULES.test((root && importedFrom(sourceCode, root)?.module) ?? '')
}

interface Found {
  readonly place: ESTree.Node
  readonly port: number
}

/** The ports that arguments name: as numbers where `numbers`, in URLs, and in the properties of options. */
function portsIn(context: Rule.RuleContext, args: readonly ESTree.Node[], numbers: boolean): Found[] {
  return args.flatMap((argument, index) => {
    const value = resolved(context, argument)
    if (numbers && index === 0) {
      const port = numberValue(value) ?? portOfText(stringValue(value))
      if (port !== undefined) return [{ place: argument, port }]
    }
    return [...portsInUrl(argument, value), ...portsInOptions(context, value)]
  })
}

function portsInOptions(context: Rule.RuleContext, node: ESTree.Node): Found[] {
  if (node.type !== 'ObjectExpression') return []
  return node.properties.flatMap((property) => {
    if (property.type !== 'Property') return []
    const value = resolved(context, property.value)
    const name = keyName(property) ?? ''
    if (/^port$/i.test(name)) {
      const port = numberValue(value) ?? portOfText(stringValue(value))
      return port === undefined ? [] : [{ place: property.value, port }]
    }
    if (name === 'body' || name === 'headers') return []
    const elements = value.type === 'ArrayExpression' ? value.elements.flatMap((element) => element ?? []) : [value]
    return elements.flatMap((element) => [
      ...portsInUrl(element, unwrap(element)),
      ...portsInOptions(context, unwrap(element)),
    ])
  })
}

function portsInUrl(place: ESTree.Node, value: ESTree.Node): Found[] {
  if (value.type === 'NewExpression' && calleeOf(value.callee).path.join('.') === 'URL') {
    const [first] = value.arguments
    return first ? portsInUrl(place, unwrap(first)) : []
  }
  return [...(textValue(value) ?? '').matchAll(LOCAL)].map((match) => ({ place, port: Number(match[1]) }))
}

/** The value of a constant in place of its name. */
function resolved({ sourceCode }: Rule.RuleContext, node: ESTree.Node): ESTree.Node {
  const value = unwrap(node)
  return value.type === 'Identifier' ? unwrap(constantValue(sourceCode, value) ?? value) : value
}

function portOfText(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined
}
