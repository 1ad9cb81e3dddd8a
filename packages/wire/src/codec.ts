import type { HttpExchange, HttpExchangeRequest, HttpExchangeResponse, StreamItem } from '@keploy-framework/format'

/** The request as far as its head tells it. */
export type OpenedRequest = Omit<HttpExchangeRequest, 'body' | 'trailers' | 'endedAt'>

/** The response as far as its head tells it. */
export type OpenedResponse = Pick<
  HttpExchangeResponse,
  'status' | 'reason' | 'version' | 'headers' | 'startedAt' | 'interim'
>

/** How the items of a stream are framed. */
export type StreamKind = 'sse' | 'ndjson' | 'websocket'

/** What is known of an exchange before it closes. */
export type ExchangePart =
  | { readonly type: 'request'; readonly request: HttpExchangeRequest }
  | { readonly type: 'response-head'; readonly response: OpenedResponse }
  | { readonly type: 'items'; readonly kind: StreamKind; readonly items: readonly StreamItem[] }

/**
 * What a codec makes of the bytes of one connection. Every `open` is followed by exactly one `close` with the same id.
 * The items of a stream are told in `items` parts as they arrive, each once; `close` repeats them up to the stream limit.
 */
export type CodecEvent =
  | { readonly type: 'open'; readonly id: number; readonly connection: number; readonly request: OpenedRequest }
  | { readonly type: 'part'; readonly id: number; readonly part: ExchangePart }
  | { readonly type: 'close'; readonly id: number; readonly exchange: HttpExchange }
  /** Bytes that could not be parsed. Traffic flows on; what follows on this side of the connection may be missing. */
  | {
      readonly type: 'gap'
      readonly connection: number
      readonly from: 'client' | 'server'
      readonly reason: string
      /** Milliseconds since the epoch. */
      readonly at: number
      /** The exchange that is not whole because of it, where one is known. */
      readonly id?: number
    }

/** Receives copies of the chunks of one connection, in the order in which they came. None of its methods throws. */
export interface ConnectionCodec {
  /** `at` is in milliseconds since the epoch. The chunk is kept by reference: the caller must not write to it again. */
  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void
  /** One side sent its end; the other may still send. */
  end(from: 'client' | 'server', at: number): void
  /** The connection broke: what is open closes as `aborted`. */
  abort(at: number): void
  /** The recording ends: what is open closes as `open`. */
  stop(at: number): void
}
