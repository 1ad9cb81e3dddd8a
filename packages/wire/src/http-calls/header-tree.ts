import type { HeaderList, HeaderPair, Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

/** Headers of a message: a name, spelt as it was sent, and its value; cookies that are set stand as a list. */
export type HeaderTree = Readonly<Record<string, string | readonly string[]>>

/** Headers that only frame a message or steer its connection; they say nothing to an API. */
const FRAMING = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
])

/** Headers of requests whose value is a credential. */
const CREDENTIALS = new Set([
  'api-key',
  'apikey',
  'authorization',
  'cookie',
  'ocp-apim-subscription-key',
  'private-token',
  'proxy-authorization',
  'x-access-token',
  'x-amz-security-token',
  'x-api-key',
  'x-apikey',
  'x-auth-token',
  'x-goog-api-key',
  'x-vault-token',
])

/** Stands in a call in place of a credential. */
export const CREDENTIAL = '[credential]'

/** Whether the value of a header of this lower-case name is a credential. */
export function isCredential(name: string): boolean {
  return CREDENTIALS.has(name)
}

/** What stands in a document in place of a secret. */
const PLACEHOLDER = /\{\{secret\.\d+\}\}/g

function withoutCredential(name: string, value: string): string {
  const masked = value.replaceAll(PLACEHOLDER, CREDENTIAL)
  // What a recording wrote holds no credential any more, and has to come back as it was written.
  return masked !== value && stripped(name, masked) === masked ? value : stripped(name, value)
}

function stripped(name: string, value: string): string {
  if (name === 'cookie') return value.replaceAll(/=[^;]*/g, `=${CREDENTIAL}`)
  const scheme = /^([A-Za-z][A-Za-z0-9-]*) +(\S+)/.exec(value)
  if (!name.endsWith('authorization') || scheme === null) return CREDENTIAL
  const [, kind = '', rest = ''] = scheme
  if (kind.toLowerCase() !== 'basic') return `${kind} ${CREDENTIAL}`
  const pair = Buffer.from(rest, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon <= 0 ? `${kind} ${CREDENTIAL}` : `${kind} ${pair.slice(0, colon)} ${CREDENTIAL}`
}

function put(tree: Record<string, string | readonly string[]>, name: string, value: string | readonly string[]): void {
  if (name === '__proto__')
    Object.defineProperty(tree, name, { value, enumerable: true, configurable: true, writable: true })
  else tree[name] = value
}

/** Headers that stand more than once are joined, which means the same (RFC 9110, 5.2); `Set-Cookie` can't be. */
function add(tree: Record<string, string | readonly string[]>, name: string, lower: string, value: string): void {
  const known = Object.hasOwn(tree, name) ? name : Object.keys(tree).find((key) => key.toLowerCase() === lower)
  if (known === undefined) put(tree, name, value)
  else {
    const before = tree[known] as string | readonly string[]
    if (lower === 'set-cookie') put(tree, known, [...(typeof before === 'string' ? [before] : before), value])
    else put(tree, known, `${String(before)}${lower === 'cookie' ? '; ' : ', '}${value}`)
  }
}

/** The headers of a request as a tree: without those that frame it, and without credentials. */
export function requestHeaders(headers: HeaderList): HeaderTree {
  const tree: Record<string, string | readonly string[]> = {}
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (FRAMING.has(lower) || lower.startsWith(':')) continue
    add(tree, name, lower, CREDENTIALS.has(lower) ? withoutCredential(lower, value) : value)
  }
  return tree
}

/** The headers of a response as a tree. */
export function responseHeaders(headers: HeaderList): HeaderTree {
  const tree: Record<string, string | readonly string[]> = {}
  for (const [name, value] of headers) if (!name.startsWith(':')) add(tree, name, name.toLowerCase(), value)
  return tree
}

/** The header lines of a tree. */
export function headerLines(tree: Value | undefined): HeaderPair[] {
  if (!isTree(tree)) return []
  const lines: HeaderPair[] = []
  for (const [name, value] of Object.entries(tree)) {
    for (const one of Array.isArray(value) ? (value as readonly Value[]) : [value]) {
      if (one !== null && typeof one !== 'object') lines.push([name, String(one)])
    }
  }
  return lines
}

/** The value of a header in a tree, whatever its case. */
export function headerIn(tree: Value | undefined, name: string): string | undefined {
  for (const [key, value] of headerLines(tree))
    if (key.length === name.length && key.toLowerCase() === name) return value
  return undefined
}
