import {
  headerValue,
  type CapturedBody,
  type HeaderList,
  type HttpExchange,
  type HttpExchangeRequest,
  type HttpExchangeResponse,
  type StreamItem,
} from '@keploy-framework/format'
import type { Redactor } from '@keploy-framework/redact'
import type { ExchangePart, OpenedRequest } from '@keploy-framework/wire'

import type { ExchangeNotes } from './journal/journal-record.ts'

const NOTHING = new Uint8Array(0)

/** What came of redacting: the thing itself, and what it lacks now. */
export interface Redacted<T> {
  readonly value: T
  readonly notes: ExchangeNotes | undefined
}

/** How places are named until a test has a name: `request of exchange 12`. */
export function placeOf(side: 'request' | 'response', id: number): string {
  return `${side} of exchange ${id}`
}

/** What may hold a secret is not kept, nor is a digest of it, from which a short secret could be guessed. */
function withhold(body: CapturedBody): CapturedBody {
  return { ...body, bytes: NOTHING, omitted: { reason: 'redaction', sha256: '', size: body.bytes.length } }
}

function redactBody(redactor: Redactor, body: CapturedBody, headers: HeaderList, where: string): CapturedBody {
  if (body.bytes.length === 0) return body
  // A piece of a body may end inside a secret, and no rule finds half of one.
  if (body.omitted) return redactor.enabled ? { ...body, bytes: NOTHING } : body
  const { bytes, safe } = redactor.body(body.bytes, headerValue(headers, 'content-type'), where)
  if (!safe) return withhold(body)
  return bytes === body.bytes ? body : { ...body, bytes }
}

/** The head of a request, redacted. */
export function redactOpened<T extends OpenedRequest>(redactor: Redactor, request: T, id: number): T {
  const where = placeOf('request', id)
  const headers = redactor.headers(request.headers, where)
  const target = redactor.target(request.target, `${where} target`)
  return headers === request.headers && target === request.target ? request : { ...request, headers, target }
}

/** A whole request, redacted. */
export function redactRequest(redactor: Redactor, request: HttpExchangeRequest, id: number): HttpExchangeRequest {
  const where = placeOf('request', id)
  const body = redactBody(redactor, request.body, request.headers, `${where} body`)
  const opened = redactOpened(redactor, request, id)
  const trailers = request.trailers.length > 0 ? redactor.headers(request.trailers, where) : request.trailers
  return body === request.body && trailers === request.trailers ? opened : { ...opened, body, trailers }
}

function redactInterim(
  redactor: Redactor,
  interim: HttpExchangeResponse['interim'],
  where: string,
): HttpExchangeResponse['interim'] {
  return interim.length === 0
    ? interim
    : interim.map((one) => ({ status: one.status, headers: redactor.headers(one.headers, where) }))
}

function redactResponse(redactor: Redactor, response: HttpExchangeResponse, id: number): HttpExchangeResponse {
  const where = placeOf('response', id)
  return {
    ...response,
    reason: response.reason === '' ? '' : redactor.text(response.reason, where),
    headers: redactor.headers(response.headers, where),
    trailers: response.trailers.length > 0 ? redactor.headers(response.trailers, where) : response.trailers,
    body: redactBody(redactor, response.body, response.headers, `${where} body`),
    interim: redactInterim(redactor, response.interim, where),
  }
}

function redactText(redactor: Redactor, text: string, where: string): string {
  if (text === '') return text
  const bytes = Buffer.from(text, 'utf8')
  const clean = redactor.body(bytes, 'text/plain', where).bytes
  return clean === bytes ? text : Buffer.from(clean.buffer, clean.byteOffset, clean.byteLength).toString('utf8')
}

function redactItem(redactor: Redactor, item: StreamItem, where: string): { item: StreamItem; safe: boolean } {
  const { data } = item
  switch (data.type) {
    case 'sse': {
      const clean = { ...data }
      for (const field of ['event', 'data', 'id', 'comment'] as const) {
        const value = data[field]
        if (value !== undefined) clean[field] = redactText(redactor, value, where)
      }
      return { item: { ...item, data: clean }, safe: true }
    }
    case 'ndjson':
      return { item: { ...item, data: { ...data, line: redactText(redactor, data.line, where) } }, safe: true }
    case 'text':
      return { item: { ...item, data: { ...data, text: redactText(redactor, data.text, where) } }, safe: true }
    case 'close':
      return data.reason
        ? { item: { ...item, data: { ...data, reason: redactText(redactor, data.reason, where) } }, safe: true }
        : { item, safe: true }
    case 'binary':
    case 'ping':
    case 'pong': {
      const { bytes, safe } = redactor.body(data.bytes, undefined, where)
      return { item: { ...item, data: { ...data, bytes: safe ? bytes : NOTHING } }, safe }
    }
  }
}

/** Items of a stream, redacted one by one. */
export function redactItems(redactor: Redactor, items: readonly StreamItem[], id: number): Redacted<StreamItem[]> {
  let safe = true
  const value = items.map((item) => {
    const side = item.from === 'client' ? 'request' : 'response'
    const clean = redactItem(redactor, item, `${placeOf(side, id)} stream`)
    safe &&= clean.safe
    return clean.item
  })
  return { value, notes: safe ? undefined : { unsafe: true } }
}

/** A part of an exchange that is under way, redacted. */
export function redactPart(redactor: Redactor, part: ExchangePart, id: number): Redacted<ExchangePart> {
  if (!redactor.enabled) return { value: part, notes: undefined }
  switch (part.type) {
    case 'request':
      return { value: { ...part, request: redactRequest(redactor, part.request, id) }, notes: undefined }
    case 'response-head': {
      const where = placeOf('response', id)
      const { response } = part
      return {
        value: {
          ...part,
          response: {
            ...response,
            headers: redactor.headers(response.headers, where),
            interim: redactInterim(redactor, response.interim, where),
          },
        },
        notes: undefined,
      }
    }
    case 'items': {
      const { value, notes } = redactItems(redactor, part.items, id)
      return { value: { ...part, items: value }, notes }
    }
  }
}

/** A whole exchange, redacted: nothing else may be written or shown. */
export function redactExchange(redactor: Redactor, exchange: HttpExchange): Redacted<HttpExchange> {
  if (!redactor.enabled) return { value: exchange, notes: undefined }
  const { id, request, response, stream } = exchange
  const cleanRequest = redactRequest(redactor, request, id)
  const items = stream && redactItems(redactor, stream.items, id)
  return {
    value: {
      ...exchange,
      request: cleanRequest,
      ...(response && { response: redactResponse(redactor, response, id) }),
      ...(stream && items && { stream: { kind: stream.kind, items: items.value } }),
    },
    notes: items?.notes,
  }
}
