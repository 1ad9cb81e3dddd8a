import type { CapturedBody, HeaderList, HttpExchange, StreamItem, Value } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import { textOrBytes } from '../protocol/value.ts'
import { requestHeaders, responseHeaders } from './header-tree.ts'

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i

/** What the tree of a request is made of. `body` has its content encoding undone. */
export interface RequestParts {
  readonly method: string
  readonly target: string
  readonly host?: string
  readonly headers: HeaderList
  readonly body: Uint8Array
}

/** A request as a tree: `method`, `host`, `target`, `headers`, `body`. */
export function requestTree(parts: RequestParts): { readonly [key: string]: Value } {
  // A client of a proxy names the whole address as its target.
  const absolute = ABSOLUTE.exec(parts.target)
  const host = absolute?.[1] ?? parts.host ?? headerValue(parts.headers, 'host') ?? ''
  const rest = absolute?.[2]
  const target = rest === undefined ? parts.target : rest.startsWith('/') ? rest : `/${rest}`
  return {
    method: parts.method,
    host: host.slice(host.lastIndexOf('@') + 1),
    target,
    headers: requestHeaders(parts.headers),
    ...(parts.body.length > 0 && { body: textOrBytes(parts.body) }),
  }
}

function body(captured: CapturedBody): { readonly body?: Value } {
  return captured.bytes.length === 0 ? {} : { body: textOrBytes(captured.bytes) }
}

/** Milliseconds with three digits: more would only be noise in files. */
function offset(at: number, from: number): number {
  return Math.max(0, Math.round((at - from) * 1000) / 1000)
}

function bytesValue(bytes: Uint8Array): Value {
  return textOrBytes(bytes)
}

/** One item of a stream as a tree; `atMs` counts from the first byte of the request. */
export function itemTree(item: StreamItem, startedAt: number, twoWay: boolean): Value {
  const { data } = item
  const base = { atMs: offset(item.at, startedAt), ...(twoWay && { from: item.from }) }
  switch (data.type) {
    case 'sse': {
      const { type: _, ...fields } = data
      return { ...base, ...fields }
    }
    case 'ndjson':
      return { ...base, line: data.line }
    case 'text':
      return { ...base, text: data.text }
    case 'binary':
      return { ...base, binary: new Uint8Array(data.bytes) }
    case 'close':
      return {
        ...base,
        close: data.code ?? null,
        ...(data.reason !== undefined && data.reason !== '' && { reason: data.reason }),
      }
    default:
      return { ...base, [data.type]: bytesValue(data.bytes) }
  }
}

/** The answer of an exchange as a tree: `status`, `reason`, `version`, `headers`, `body` or `stream`, and what is rare. */
export function responseTree(exchange: HttpExchange): Value | undefined {
  const { response, stream } = exchange
  if (response === undefined) return undefined
  const websocket = stream?.kind === 'websocket'
  const interim = response.interim.filter(({ status }) => status !== 100)
  return {
    status: response.status,
    reason: response.reason,
    version: response.version,
    headers: responseHeaders(response.headers),
    ...body(response.body),
    ...(stream !== undefined && {
      stream: {
        kind: stream.kind,
        items: stream.items.map((item) => itemTree(item, exchange.request.startedAt, websocket)),
      },
    }),
    ...(response.trailers.length > 0 && { trailers: responseHeaders(response.trailers) }),
    ...(interim.length > 0 && {
      interim: interim.map((one) => ({ status: one.status, headers: responseHeaders(one.headers) })),
    }),
    ...(exchange.state === 'aborted' && !websocket && { cut: true }),
  }
}
