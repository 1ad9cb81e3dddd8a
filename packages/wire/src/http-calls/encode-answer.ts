import { STATUS_CODES } from 'node:http'

import type { HeaderPair, Value } from '@keploy-framework/format'

import { contentCodings, encodeContent } from '../content/decode.ts'
import { encodeChunk, encodeLastChunk } from '../http/encode-chunk.ts'
import { bytesOf, isTree } from '../protocol/value.ts'
import { encodeEvent } from '../sse/encode-event.ts'
import type { ServerSentEvent } from '../sse/parse-events.ts'
import { headerIn, headerLines } from './header-tree.ts'

/** One piece of an answer that is sent over time. */
export interface AnswerPiece {
  /** Milliseconds after the request began. */
  readonly atMs: number
  readonly bytes: Buffer
}

/** A recorded answer as it goes over the wire of HTTP/1.1. */
export interface EncodedAnswer {
  /** All of it, as one. */
  readonly bytes: Buffer
  /** The answer to `HEAD`: the head alone. */
  readonly head: Buffer
  /** For streams: the head, each item, and the end. */
  readonly pieces?: readonly AnswerPiece[]
  readonly close: boolean
}

const cache = new WeakMap<object, EncodedAnswer>()

/** The bytes of one item of a stream, before any encoding; nothing for what is no item. */
export function itemBytes(kind: Value | undefined, item: Value): Buffer | undefined {
  if (!isTree(item)) return undefined
  if (kind === 'ndjson') return Buffer.from(`${typeof item['line'] === 'string' ? item['line'] : ''}\n`)
  if (kind === 'raw') {
    const data = item['text'] ?? item['binary']
    return typeof data === 'string' || data instanceof Uint8Array ? Buffer.from(bytesOf(data)) : undefined
  }
  const event: ServerSentEvent = {}
  for (const field of ['event', 'data', 'id', 'retry', 'comment'] as const) {
    const value = item[field]
    if (value !== undefined && value !== null && typeof value !== 'object') event[field] = String(value)
  }
  return Buffer.from(encodeEvent(event))
}

/** The body of a recorded answer with its content encoding applied again. */
export function answerBody(body: Value | undefined, headers: Value | undefined): Buffer {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return Buffer.alloc(0)
  const plain = bytesOf(body)
  const encoding = headerIn(headers, 'content-encoding')
  if (contentCodings(encoding).length === 0) return Buffer.from(plain)
  try {
    return Buffer.from(encodeContent(plain, encoding))
  } catch {
    // A coding that nobody knows was not undone either.
    return Buffer.from(plain)
  }
}

// Line ends would begin another header; a recording may come from anyone.
function clean(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, ' ')
}

/** Header lines, with everything beyond Latin-1 as the bytes of UTF-8. */
export function encodeHead(start: string, headers: readonly HeaderPair[]): Buffer {
  let text = `${clean(start)}\r\n`
  for (const [name, value] of headers) text += `${clean(name)}: ${clean(value)}\r\n`
  // eslint-disable-next-line no-control-regex -- Latin-1 is what a header can hold
  return Buffer.from(`${text}\r\n`, /^[\0-\u00ff]*$/.test(text) ? 'latin1' : 'utf8')
}

function statusOf(response: { readonly [key: string]: Value }): number {
  const status = Number(response['status'])
  return Number.isInteger(status) && status >= 100 && status <= 999 ? status : 502
}

/** Writes a recorded answer for HTTP/1.1; made once for each answer. */
export function encodeAnswer(response: { readonly [key: string]: Value }): EncodedAnswer {
  const known = cache.get(response)
  if (known !== undefined) return known
  const made = make(response)
  cache.set(response, made)
  return made
}

function make(response: { readonly [key: string]: Value }): EncodedAnswer {
  const status = statusOf(response)
  const reason = typeof response['reason'] === 'string' ? response['reason'] : (STATUS_CODES[status] ?? '')
  const { version, headers, stream } = response
  const lines = headerLines(headers)
  const items = isTree(stream) && Array.isArray(stream['items']) ? (stream['items'] as readonly Value[]) : undefined
  const kind = isTree(stream) ? stream['kind'] : undefined
  const bodiless = status < 200 || status === 204 || status === 304
  const cut = response['cut'] === true
  const chunkedBefore = /\bchunked\b/i.test(headerIn(headers, 'transfer-encoding') ?? '')
  const lengthBefore = headerIn(headers, 'content-length') !== undefined
  const closing = /\bclose\b/i.test(headerIn(headers, 'connection') ?? '')
  const untilClose = !chunkedBefore && !lengthBefore && !bodiless && (closing || version === '1.0')
  const chunked = !bodiless && !untilClose && (chunkedBefore || (items !== undefined && !lengthBefore))
  const encoding = headerIn(headers, 'content-encoding')
  const whole =
    items === undefined
      ? answerBody(response['body'], headers)
      : answerBody(Buffer.concat(items.map((item) => itemBytes(kind, item) ?? Buffer.alloc(0))), headers)
  const body = bodiless ? Buffer.alloc(0) : whole
  const framed = lines.filter(([name]) => !/^(?:transfer-encoding|content-length)$/i.test(name))
  const keep = lines.filter(([name]) => /^content-length$/i.test(name))
  if (chunked) framed.push(['Transfer-Encoding', 'chunked'])
  else if (cut || (bodiless && status >= 200 && status !== 204)) framed.push(...keep)
  else if (!bodiless && !untilClose) framed.push(['Content-Length', String(body.length)])
  // An answer to HEAD tells the length of a body that does not come.
  const headLines =
    body.length === 0 && keep.length > 0 && !chunked
      ? [...framed.filter((one) => one[0] !== 'Content-Length'), ...keep]
      : framed
  const interim = Array.isArray(response['interim']) ? (response['interim'] as readonly Value[]) : []
  const before = interim.flatMap((one) =>
    isTree(one) && Number(one['status']) > 100 && Number(one['status']) < 200 && Number(one['status']) !== 101
      ? [
          encodeHead(
            `HTTP/1.1 ${Number(one['status'])} ${STATUS_CODES[Number(one['status'])] ?? ''}`,
            headerLines(one['headers']),
          ),
        ]
      : [],
  )
  const head = Buffer.concat([...before, encodeHead(`HTTP/1.1 ${status} ${reason}`, framed)])
  const tail = cut || !chunked ? Buffer.alloc(0) : encodeLastChunk(headerLines(response['trailers']))
  const close = cut || untilClose || closing
  const bytes = Buffer.concat([head, chunked ? encodeChunk(body) : body, tail])
  const result: EncodedAnswer = {
    bytes,
    head: Buffer.concat([...before, encodeHead(`HTTP/1.1 ${status} ${reason}`, headLines)]),
    close,
  }
  // Pieces of a compressed stream can't be cut out of the whole: those come at once.
  if (items === undefined || contentCodings(encoding).length > 0 || bodiless) return result
  const pieces: AnswerPiece[] = [{ atMs: 0, bytes: head }]
  let last = 0
  for (const item of items) {
    const bare = itemBytes(kind, item)
    if (bare === undefined || !isTree(item)) continue
    last = Math.max(last, Number(item['atMs']) || 0)
    pieces.push({ atMs: last, bytes: chunked ? encodeChunk(bare) : bare })
  }
  pieces.push({ atMs: last, bytes: tail })
  return { ...result, pieces }
}

/** The answer to a request that nothing recorded answers. */
export function missAnswer(message: string): { readonly [key: string]: Value } {
  return {
    status: 502,
    reason: 'Bad Gateway',
    version: '1.1',
    headers: { 'Content-Type': 'application/json', 'X-Keploy-Error': 'no-recorded-answer' },
    body: JSON.stringify({ error: 'keploy: no recorded answer', message }),
  }
}
