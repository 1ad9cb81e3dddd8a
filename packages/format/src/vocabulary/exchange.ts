import type { HeaderList } from './headers.ts'

/**
 * A body as it was captured. `bytes` is the content after transfer and content decoding (chunks joined, gzip undone);
 * `encoding` says which content encoding was undone, so that a replay can send it as it was received.
 */
export interface CapturedBody {
  readonly bytes: Uint8Array
  /** Bytes on the wire after transfer decoding and before content decoding. */
  readonly wireSize: number
  /** The content encoding that was undone, for example `gzip`; absent when there was none or it could not be undone. */
  readonly encoding?: string
  /** Set when `bytes` holds less than the whole body: the limit was passed, or the body could not be kept safely. */
  readonly omitted?: {
    readonly reason: 'limit' | 'redaction' | 'decode'
    readonly sha256: string
    readonly size: number
  }
}

/** One piece of a stream: a server-sent event, a line of NDJSON, a WebSocket message, or raw bytes. */
export interface StreamItem {
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number
  readonly from: 'client' | 'server'
  readonly data:
    | {
        readonly type: 'sse'
        readonly event?: string
        readonly data?: string
        readonly id?: string
        readonly retry?: string
        readonly comment?: string
      }
    | { readonly type: 'ndjson'; readonly line: string }
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'binary'; readonly bytes: Uint8Array }
    | { readonly type: 'ping' | 'pong'; readonly bytes: Uint8Array }
    | { readonly type: 'close'; readonly code?: number; readonly reason?: string }
}

/** The request half of an HTTP exchange. */
export interface HttpExchangeRequest {
  readonly method: string
  /** The request target as it was sent: usually path and query (`/a?b=1`). */
  readonly target: string
  /** `1.0` or `1.1`. */
  readonly version: string
  readonly headers: HeaderList
  readonly trailers: HeaderList
  readonly body: CapturedBody
  /** Milliseconds since the epoch, with fractions: first and last byte. */
  readonly startedAt: number
  readonly endedAt: number
}

/** The response half of an HTTP exchange. */
export interface HttpExchangeResponse {
  readonly status: number
  readonly reason: string
  readonly version: string
  readonly headers: HeaderList
  readonly trailers: HeaderList
  readonly body: CapturedBody
  readonly startedAt: number
  readonly endedAt: number
  /** Interim answers (`100 Continue`, `103 Early Hints`) in front of the final one. */
  readonly interim: readonly { readonly status: number; readonly headers: HeaderList }[]
}

/**
 * A request and its response on one connection. `state` is `complete`; `open` when the recording ended before the
 * response did; `aborted` when one side ended the connection first.
 */
export interface HttpExchange {
  readonly protocol: 'http'
  /** Unique within a recording session, and increasing in the order in which requests began. */
  readonly id: number
  readonly connection: number
  readonly state: 'complete' | 'open' | 'aborted'
  readonly request: HttpExchangeRequest
  readonly response?: HttpExchangeResponse
  /** What came as a stream; the bodies are then empty. `kind` names the framing. */
  readonly stream?: { readonly kind: 'sse' | 'ndjson' | 'websocket'; readonly items: readonly StreamItem[] }
}

/** Every kind of exchange that a codec can yield. More protocols join as codecs for them arrive. */
export type Exchange = HttpExchange
