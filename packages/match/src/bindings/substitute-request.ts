import { headerValue } from '@keploy-framework/format'
import type { BodyValue, BoundValue, FormPart, HeaderPair, TestRequest } from '@keploy-framework/format'

import { entityOfKey, entityOfWord } from '../forms/key-context.ts'
import { jsonParseExact } from '../json/parse-exact.ts'
import { scanScalars } from '../json/scan-scalars.ts'
import type { BindingTable, SubstitutedRequest } from './binding-table.ts'
import { bodyKind } from './body-text.ts'
import { shown } from './bound-value.ts'
import { readGraphql } from './graphql.ts'
import type { GraphqlRequest } from './graphql.ts'
import { isTransportHeader } from './leaves.ts'
import { decodeComponent, routeOf, segmentEntity, splitUrl } from './route.ts'
import { SECRET, hasSecret, joinTokens, tokenize } from './tokens.ts'

/** One pass over one request: puts live values in, and notes which, and which secrets are missing. */
export class Substitution {
  readonly used: BoundValue[] = []
  readonly missing: number[] = []
  readonly #table: BindingTable
  #route: string | undefined

  constructor(table: BindingTable) {
    this.#table = table
  }

  request(request: TestRequest): SubstitutedRequest {
    this.#route = routeOf(request.url).entity
    const url = this.#url(request.url)
    const body = this.#bodyValue(request)
    const form = request.form?.map((part) => this.#part(part))
    const headers = request.headers.map((header) => this.#header(header))
    const substituted = { ...request, url, body, headers: fitLength(headers, request.body, body) }
    return {
      request: form === undefined ? substituted : { ...substituted, form },
      used: this.used,
      missing: this.missing,
    }
  }

  /** A body, or a message: JSON keeps every byte but those of replaced values. */
  body(text: string, kind: 'json' | 'form' | 'text' = 'json'): string {
    if (kind === 'form') return this.#pairs(text, '&')
    return kind === 'json' && /^\s*[[{"]/.test(text) ? this.#json(text) : this.#text(text)
  }

  #bodyValue({ body, headers }: TestRequest): BodyValue {
    if (body.type === 'text') {
      const text = this.body(body.text, bodyKind(headers, body.text))
      return text === body.text ? body : { type: 'text', text }
    }
    if (body.type !== 'stream') return body
    const items = body.items.map((item) => {
      if (item.data.type === 'ndjson') return { ...item, data: { ...item.data, line: this.body(item.data.line) } }
      return item.data.type === 'text' ? { ...item, data: { ...item.data, text: this.#text(item.data.text) } } : item
    })
    return { ...body, items }
  }

  #url(url: string): string {
    const { origin, path, query, fragment } = splitUrl(url)
    const segments = path.split('/')
    const plain = segments.map(decodeComponent)
    const live = plain.map((segment, index) => {
      const value = this.#value(segment, undefined, segmentEntity(plain, index))
      return value === segment ? segments[index] : encodeURIComponent(value)
    })
    return origin + live.join('/') + (query === '' ? '' : `?${this.#pairs(query.slice(1), '&')}`) + fragment
  }

  /** `name=value` pairs: only values that change are written anew. */
  #pairs(text: string, separator: string): string {
    return text
      .split(separator)
      .map((pair) => {
        const equals = pair.indexOf('=')
        if (equals === -1) return pair
        const name = decodeComponent(pair.slice(0, equals)).trim()
        const raw = pair.slice(equals + 1)
        const plain = separator === '&' ? decodeComponent(raw.replaceAll('+', ' ')) : raw
        const value = this.#value(
          plain,
          name,
          separator === '&' ? entityOfKey(name, undefined, this.#route) : undefined,
        )
        if (value === plain) return pair
        return pair.slice(0, equals + 1) + (separator === '&' ? encodeURIComponent(value) : value)
      })
      .join(separator)
  }

  #header([name, value]: HeaderPair): HeaderPair {
    const lower = name.toLowerCase()
    if (lower === 'cookie') return [name, this.#pairs(value, ';')]
    if (isTransportHeader(name)) return [name, this.#secrets(value)]
    if (lower === 'if-none-match' || lower === 'if-match') {
      return [name, value.replaceAll(/(?:W\/)?"[^"]*"/g, (tag) => this.#value(tag, 'etag', undefined))]
    }
    const space = lower === 'authorization' || lower === 'proxy-authorization' ? value.indexOf(' ') + 1 : 0
    return [name, value.slice(0, space) + this.#value(value.slice(space), name, undefined)]
  }

  #part(part: FormPart): FormPart {
    const entity = entityOfKey(part.key, undefined, this.#route)
    return { ...part, values: part.values.map((value) => this.#value(value, part.key, entity)) }
  }

  #json(text: string): string {
    if (!jsonParseExact(text).ok) return this.#text(text)
    const graphql = readGraphql(text)
    let result = ''
    let end = 0
    scanScalars(text, (scalar) => {
      const raw = text.slice(scalar.start, scalar.end)
      const plain = scalar.type === 'number' ? raw : (JSON.parse(raw) as string)
      const { key } = scalar
      const entity =
        key === undefined
          ? undefined
          : (graphql?.entityOf(key, scalar.parent) ?? entityOfKey(key, scalar.parent, this.#route))
      const query = graphql !== undefined && key === 'query' && plain === graphql.query
      const filled = query ? this.#literals(graphql) : plain
      const value =
        filled !== plain
          ? filled
          : scalar.type === 'key'
            ? this.#whole(plain, undefined, undefined)
            : this.#value(plain, key, entity)
      if (value === plain) return
      result += text.slice(end, scalar.start) + (scalar.type === 'number' ? value : JSON.stringify(value))
      ;({ end } = scalar)
    })
    return result + text.slice(end)
  }

  /** A query with live values for arguments that stand in it. */
  #literals({ query, literals }: GraphqlRequest): string {
    let result = ''
    let end = 0
    for (const literal of literals) {
      result += query.slice(end, literal.start) + this.#whole(literal.text, literal.key, literal.entity)
      ;({ end } = literal)
    }
    return result + query.slice(end)
  }

  #text(text: string): string {
    return this.#value(text, undefined, undefined)
  }

  #value(text: string, key: string | undefined, entity: string | undefined): string {
    if (text === '') return text
    const filled = this.#secrets(text)
    if (filled !== text) return filled
    if (this.#table.plan.values.size === 0) return text
    const whole = this.#whole(text, key, entity)
    return whole === text ? this.#words(text, key) : whole
  }

  #whole(text: string, key: string | undefined, entity: string | undefined): string {
    const bound = this.#table.liveOf(text, { key, entity })
    if (bound === undefined) return text
    this.#use(bound)
    return bound.live
  }

  #words(text: string, key: string | undefined): string {
    const tokens = tokenize(text)
    let changed = false
    const words = tokens.words.map((word, index) => {
      const before = tokens.gaps[index] === '/' ? tokens.words[index - 1] : undefined
      const live = this.#whole(word, key, before === undefined ? undefined : entityOfWord(before))
      changed ||= live !== word
      return live
    })
    return changed ? joinTokens(tokens, words) : text
  }

  #secrets(text: string): string {
    if (!hasSecret(text)) return text
    return text.replaceAll(SECRET, (placeholder, digits: string) => {
      const number = Number(digits)
      const value = this.#table.secret(number)
      if (value === undefined) {
        if (!this.missing.includes(number)) this.missing.push(number)
        return placeholder
      }
      this.#use({ recorded: placeholder, live: value, form: 'secret', where: `secret ${number}` })
      return value
    })
  }

  #use(bound: BoundValue): void {
    if (!this.used.some(({ recorded, live }) => recorded === bound.recorded && live === shown(bound).live)) {
      this.used.push(shown(bound))
    }
  }
}

/** Content-Length follows the body. */
function fitLength(headers: readonly HeaderPair[], before: BodyValue, after: BodyValue): readonly HeaderPair[] {
  if (after === before || after.type !== 'text' || headerValue(headers, 'content-length') === undefined) return headers
  const length = String(new TextEncoder().encode(after.text).length)
  return headers.map(([name, value]) => [name, name.toLowerCase() === 'content-length' ? length : value])
}
