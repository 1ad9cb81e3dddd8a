import { headerValue } from '@keploy-framework/format'
import type { BodyValue, BoundValue, FormPart, HeaderPair, TestRequest } from '@keploy-framework/format'

import { entityOfKey, entityOfWord } from '../forms/key-context.ts'
import { jsonParseExact } from '../json/parse-exact.ts'
import { scanScalars } from '../json/scan-scalars.ts'
import type { BindingTable, LostValue, SubstitutedRequest } from './binding-table.ts'
import { bodyKind } from './body-text.ts'
import { shown } from './bound-value.ts'
import { readGraphql } from './graphql.ts'
import type { GraphqlRequest } from './graphql.ts'
import { isTransportHeader } from './leaves.ts'
import { decodeComponent, routeOf, segmentEntity, splitUrl } from './route.ts'
import { hasSecret, isInQuery, placeholderOf, readSecretText, soleSecret } from './secret-text.ts'
import { joinTokens, tokenize } from './tokens.ts'

/** Writes the value of a secret as its place demands; `before` is the text in front of it. */
type Writing = (value: string, before: string, number: number) => string

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** Headers that hold a URL: in its query a secret is percent-encoded. */
const URL_HEADERS = /^(?:referer|location|content-location|refresh|link|x-original-url|x-rewrite-url|x-forwarded-uri)$/

const asItIs: Writing = (value) => value
const percent: Writing = (value) => encodeURIComponent(value.toWellFormed())
const inUrl: Writing = (value, before) => (isInQuery(before) ? encodeURIComponent(value.toWellFormed()) : value)
/** Whoever fills in `user:password` need not know how Basic credentials are written. */
const basic: Writing = (value) => (value.includes(':') ? Buffer.from(value).toString('base64') : value)

/** One pass over one request: puts live values in, and notes which, and which secrets are missing. */
export class Substitution {
  readonly used: BoundValue[] = []
  readonly missing: number[] = []
  readonly lost: LostValue[] = []
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
      lost: this.lost,
    }
  }

  /** A body, or a message: JSON keeps every byte but those of replaced values. */
  body(text: string, kind: 'json' | 'form' | 'text' = 'json'): string {
    if (kind === 'form') return this.#pairs(text, '&')
    return kind === 'json' && /^\s*[[{"]/.test(text) ? this.#json(text) : this.#text(text)
  }

  /** A text in which no placeholder is looked for. */
  plain(text: string): string {
    return this.#renamed(text, undefined, undefined)
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
      const raw = segments[index] ?? ''
      if (hasSecret(raw)) return this.#secrets(raw, percent)
      const value = this.#renamed(segment, undefined, segmentEntity(plain, index))
      return value === segment ? segments[index] : encodeURIComponent(value)
    })
    return origin + live.join('/') + (query === '' ? '' : `?${this.#pairs(query.slice(1), '&')}`) + fragment
  }

  /** `name=value` pairs: only values that change are written anew. */
  #pairs(text: string, separator: string): string {
    return text
      .split(separator)
      .map((pair) => {
        // As it was sent: what only looks like a placeholder once it is decoded is none.
        if (hasSecret(pair)) return this.#secrets(pair, separator === '&' ? percent : this.#inCookie)
        const equals = pair.indexOf('=')
        if (equals === -1) return pair
        const name = decodeComponent(pair.slice(0, equals)).trim()
        const raw = pair.slice(equals + 1)
        const plain = separator === '&' ? decodeComponent(raw.replaceAll('+', ' ')) : raw
        const value = this.#renamed(
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
    if (URL_HEADERS.test(lower) && hasSecret(value)) return [name, this.#secrets(value, inUrl)]
    if (lower === 'if-none-match' || lower === 'if-match') {
      return [name, value.replaceAll(/(?:W\/)?"[^"]*"/g, (tag) => this.#value(tag, 'etag', undefined))]
    }
    const space = lower === 'authorization' || lower === 'proxy-authorization' ? value.indexOf(' ') + 1 : 0
    const scheme = value.slice(0, space)
    const rest = value.slice(space)
    if (hasSecret(rest)) return [name, scheme + this.#secrets(rest, /^basic $/i.test(scheme) ? basic : asItIs)]
    return [name, scheme + this.#renamed(rest, name, undefined)]
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
      if (hasSecret(plain)) {
        result += text.slice(end, scalar.start) + this.#jsonSecrets(plain, scalar.type)
        ;({ end } = scalar)
        return
      }
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

  /** A string of JSON with secrets in it, quotes included: a secret that was a number loses them again. */
  #jsonSecrets(plain: string, type: 'string' | 'number' | 'key'): string {
    const sole = type === 'string' ? soleSecret(plain) : undefined
    if (sole !== undefined && this.#table.isNumber(sole)) {
      const value = this.#secrets(plain)
      return NUMBER.test(value) ? value : JSON.stringify(value)
    }
    const nested = type === 'string' && /^\s*[[{]/.test(plain)
    return JSON.stringify(nested ? this.#json(plain) : this.#secrets(plain))
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
    return hasSecret(text) ? this.#secrets(text) : this.#renamed(text, key, entity)
  }

  #renamed(text: string, key: string | undefined, entity: string | undefined): string {
    if (text === '') return text
    if (this.#table.plan.values.size === 0) return text
    const whole = this.#whole(text, key, entity)
    return whole === text ? this.#words(text, key) : whole
  }

  #whole(text: string, key: string | undefined, entity: string | undefined): string {
    const bound = this.#table.liveOf(text, { key, entity })
    if (bound === undefined) {
      const lost = this.#table.lostValue(text, { key, entity })
      if (lost !== undefined && !this.lost.some(({ test, where }) => test === lost.test && where === lost.where))
        this.lost.push(lost)
      return text
    }
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

  #secrets(text: string, write: Writing = asItIs): string {
    const { literals, numbers } = readSecretText(text)
    let result = literals[0] ?? ''
    for (const [index, number] of numbers.entries()) {
      const value = this.#table.secret(number)
      if (value === undefined) {
        if (!this.missing.includes(number)) this.missing.push(number)
        result += placeholderOf(number)
      } else {
        this.#use({ recorded: placeholderOf(number), live: value, form: 'secret', where: `secret ${number}` })
        result += write(value, result, number)
      }
      result += literals[index + 1] ?? ''
    }
    return result
  }

  /** As the service wrote it in a cookie of its own, else with only those characters encoded that no cookie may hold. */
  readonly #inCookie: Writing = (value, _before, number) =>
    this.#table.cookieWriting(number) ??
    value.toWellFormed().replaceAll(/[^!#$&-+\--:<-[\]-~]/gu, (character) => encodeURIComponent(character))

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
