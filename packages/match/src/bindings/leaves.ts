import type { TestCase, TestRequest } from '@keploy-framework/format'

import { entityOfKey, isIdKey, isTokenKey } from '../forms/key-context.ts'
import { forEachLeaf, formatPath, keysOfPath } from '../json/json-leaves.ts'
import { jsonParseExact } from '../json/parse-exact.ts'
import { bodyKind, bodyTexts } from './body-text.ts'
import type { GraphqlRequest } from './graphql.ts'
import { decodeComponent, entityOfField, segmentEntity, splitUrl } from './route.ts'
import type { Route } from './route.ts'
import { tokenize } from './tokens.ts'

/** A value of a request or a response, with what its place says about it. */
export interface Leaf {
  readonly text: string
  readonly where: string
  readonly key: string | undefined
  readonly entity: string | undefined
  readonly source: 'path' | 'query' | 'header' | 'cookie' | 'json' | 'form' | 'text'
}

/** Headers that say how to talk, not what about: their values are never looked at for ids. */
const TRANSPORT = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'host',
  'keep-alive',
  'origin',
  'pragma',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'vary',
  'via',
  'x-powered-by',
  'sec-websocket-key',
  'sec-websocket-accept',
])
/** Words of a plain text that are looked at, per body. */
const MAX_WORDS = 2000

export function isTransportHeader(name: string): boolean {
  return TRANSPORT.has(name.toLowerCase())
}

/** Whether a value can be a generated one at all; most of a large body is not, and is passed over here. */
function mayBeGenerated(text: string, key: string | undefined, entity: string | undefined): boolean {
  if (entity !== undefined) return text !== ''
  return text.length > 3 && (/\d/.test(text) || isIdKey(key) || isTokenKey(key))
}

/** `name=value` pairs of a query or a form, decoded. */
export function readPairs(text: string): { name: string; value: string }[] {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      return { name: decodeComponent(name), value: decodeComponent(value.replaceAll('+', ' ')) }
    })
}

/** `name=value` pairs of a Cookie header. */
export function readCookies(header: string): { name: string; value: string }[] {
  return header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    return equals === -1 ? [] : [{ name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() }]
  })
}

/** `graphql`: what the body asks for, when it is a GraphQL request. */
export function requestLeaves(
  request: TestRequest,
  route: Route,
  visit: (leaf: Leaf) => void,
  graphql?: GraphqlRequest,
): void {
  const { path, query } = splitUrl(request.url)
  const segments = path.split('/').map(decodeComponent)
  for (const [index, text] of segments.entries()) {
    if (text !== '') {
      visit({ text, where: 'path', key: undefined, entity: segmentEntity(segments, index), source: 'path' })
    }
  }
  for (const { name, value } of readPairs(query.slice(1))) {
    const entity = entityOfKey(name, undefined, route.entity)
    visit({ text: value, where: `query.${name}`, key: name, entity, source: 'query' })
  }
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase()
    if (lower === 'cookie') {
      for (const cookie of readCookies(value)) {
        visit({
          text: cookie.value,
          where: `cookie.${cookie.name}`,
          key: cookie.name,
          entity: undefined,
          source: 'cookie',
        })
      }
    } else if (!isTransportHeader(name)) {
      const text = lower === 'authorization' ? value.slice(value.indexOf(' ') + 1) : value
      visit({ text, where: `header.${name}`, key: name, entity: undefined, source: 'header' })
    }
  }
  for (const text of bodyTexts(request.body)) bodyLeaves(text, bodyKind(request.headers, text), route, visit, graphql)
  for (const { text, key, entity } of graphql?.literals ?? []) {
    if (mayBeGenerated(text, key, entity)) visit({ text, where: 'body.query', key, entity, source: 'json' })
  }
  for (const part of request.form ?? []) {
    const entity = entityOfKey(part.key, undefined, route.entity)
    for (const text of part.values) visit({ text, where: `form.${part.key}`, key: part.key, entity, source: 'form' })
  }
}

export function responseLeaves(test: TestCase, route: Route, visit: (leaf: Leaf) => void): void {
  const { headers, body } = test.response
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'set-cookie') {
      const first = readCookies(value)[0]
      if (first !== undefined) {
        const where = `header.Set-Cookie.${first.name}`
        visit({ text: first.value, where, key: first.name, entity: undefined, source: 'cookie' })
      }
    } else if (!isTransportHeader(name)) {
      const where = `header.${name}`
      visit({ text: value, where, key: name, entity: undefined, source: 'header' })
      if (lower === 'location') locationLeaf(value, where, visit)
    }
  }
  for (const text of bodyTexts(body)) bodyLeaves(text, bodyKind(headers, text), route, visit)
  for (const item of test.stream?.items ?? []) {
    if (item.from === 'server' && item.data.type === 'text') bodyLeaves(item.data.text, 'json', route, visit)
  }
}

function locationLeaf(value: string, where: string, visit: (leaf: Leaf) => void): void {
  const segments = splitUrl(value).path.split('/').map(decodeComponent)
  const index = segments.length - 1
  const text = segments[index] ?? ''
  if (text !== '') visit({ text, where, key: 'location', entity: segmentEntity(segments, index), source: 'path' })
}

function bodyLeaves(
  text: string,
  kind: 'json' | 'form' | 'text',
  route: Route,
  visit: (leaf: Leaf) => void,
  graphql?: GraphqlRequest,
): void {
  if (kind === 'form') {
    for (const { name, value } of readPairs(text)) {
      const entity = entityOfKey(name, undefined, route.entity)
      visit({ text: value, where: `body.${name}`, key: name, entity, source: 'form' })
    }
    return
  }
  const parsed = kind === 'json' || /^\s*[[{"]/.test(text) ? jsonParseExact(text) : undefined
  if (parsed?.ok !== true) {
    for (const word of tokenize(text).words.slice(0, MAX_WORDS)) {
      if (mayBeGenerated(word, undefined, undefined))
        visit({ text: word, where: 'body', key: undefined, entity: undefined, source: 'text' })
    }
    return
  }
  forEachLeaf(parsed.value, (leaf, path, length) => {
    const value = String(leaf)
    const { key, parent, root } = keysOfPath(path, length)
    const entity = graphql?.entityOf(key, parent) ?? entityOfField(key, parent, root, value, route)
    if (!mayBeGenerated(value, key, entity)) return
    visit({ text: value, where: formatPath('body', path, length), key, entity, source: 'json' })
  })
}
