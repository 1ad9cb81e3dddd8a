import type { HeaderPair, HttpExchange, StreamItem } from '@keploy-framework/format'

import type { CodecEvent, ConnectionCodec } from '../codec.ts'
import { DEFAULT_BODY_LIMIT, DEFAULT_HEAD_LIMIT, DEFAULT_PIPELINE_LIMIT, DEFAULT_STREAM_LIMIT } from '../defaults.ts'
import { WebSocketReader } from '../websocket/websocket-reader.ts'
import { BodyCollector } from './body-collector.ts'
import { Flight } from './flight.ts'
import { OPAQUE, requestFraming, responseFraming } from './framing.ts'
import type { Framing } from './framing.ts'
import type { Head } from './head.ts'
import { MessageParser } from './message-parser.ts'
import { BodyStreamReader, streamKind } from './stream-reader.ts'

export interface HttpCodecOptions {
  /** A number for the connection, told in every exchange. */
  readonly connection: number
  /** Gives each exchange its id. */
  readonly nextId: () => number
  /** Bytes of one body, stream item or message that are kept, default 1 MiB. */
  readonly bodyLimit?: number
  /** Bytes of one message head, default 128 KiB. A longer one is a gap. */
  readonly headLimit?: number
  /** Requests that may wait for their response, default 1024. More is a gap. */
  readonly pipelineLimit?: number
  /** Bytes of stream items that `close` repeats, default 8 MiB. */
  readonly streamLimit?: number
}

type Side = 'client' | 'server'

/**
 * Makes exchanges of the bytes of one HTTP/1.x connection: keep-alive, pipelining, chunked bodies, interim answers,
 * upgrades, WebSocket messages, server-sent events and NDJSON. What cannot be parsed is told as a `gap`; it never throws.
 *
 * @example
 * const codec = createHttpCodec({ connection: 1, nextId: () => 1 }, (event) => seen.push(event))
 * codec.push('client', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 0)
 * codec.push('server', Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'), 1)
 */
export function createHttpCodec(options: HttpCodecOptions, emit: (event: CodecEvent) => void): ConnectionCodec {
  return new HttpCodec(options, emit)
}

class HttpCodec implements ConnectionCodec {
  readonly #connection: number
  readonly #nextId: () => number
  readonly #bodyLimit: number
  readonly #streamLimit: number
  readonly #pipelineLimit: number
  readonly #emit: (event: CodecEvent) => void
  readonly #client: MessageParser
  readonly #server: MessageParser
  /** Exchanges whose response is not whole, oldest first. */
  readonly #queue: Flight[] = []
  /** The exchange whose request is not whole. */
  #sending: Flight | undefined = undefined
  #interim = false
  /** The exchange that turned the connection into a tunnel. */
  #tunnel: Flight | undefined = undefined
  #clientEnded = false
  #serverEnded = false

  constructor(options: HttpCodecOptions, emit: (event: CodecEvent) => void) {
    this.#connection = options.connection
    this.#nextId = options.nextId
    this.#bodyLimit = options.bodyLimit ?? DEFAULT_BODY_LIMIT
    this.#streamLimit = options.streamLimit ?? DEFAULT_STREAM_LIMIT
    this.#pipelineLimit = options.pipelineLimit ?? DEFAULT_PIPELINE_LIMIT
    this.#emit = emit
    const headLimit = options.headLimit ?? DEFAULT_HEAD_LIMIT
    this.#client = new MessageParser(
      {
        onHead: (head, startedAt) => this.#onRequestHead(head, startedAt),
        onBody: (chunk) => this.#sending?.requestBody.push(chunk),
        onEnd: (trailers, at) => this.#onRequestEnd(trailers, at),
        onOpaque: (chunk, at) => this.#onTunnel('client', chunk, at),
        onProblem: (reason, at) => this.#onClientProblem(reason, at),
      },
      'request',
      headLimit,
    )
    this.#server = new MessageParser(
      {
        onHead: (head, startedAt, at) => this.#onResponseHead(head, startedAt, at),
        onBody: (chunk, at) => this.#onResponseBody(chunk, at),
        onEnd: (trailers, at) => this.#onResponseEnd(trailers, at),
        onOpaque: (chunk, at) => this.#onTunnel('server', chunk, at),
        onProblem: (reason, at) => this.#onServerProblem(reason, at),
      },
      'response',
      headLimit,
    )
  }

  push(from: Side, chunk: Uint8Array, at: number): void {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (from === 'client') this.#client.push(bytes, at)
    else this.#server.push(bytes, at)
  }

  end(from: Side, at: number): void {
    if (from === 'client') this.#endClient(at)
    else this.#endServer(at)
    if (this.#tunnel !== undefined && this.#clientEnded && this.#serverEnded) this.#closeTunnel('complete', at)
  }

  abort(at: number): void {
    this.#closeAll('aborted', at)
  }

  stop(at: number): void {
    this.#closeAll('open', at)
  }

  #endClient(at: number): void {
    if (this.#clientEnded) return
    this.#clientEnded = true
    const { dead } = this.#client
    const clean = this.#client.end(at) || dead
    const cut = this.#sending
    if (cut === undefined) {
      if (!clean) this.#gap('client', 'the client ended inside a message head', at)
    } else if (cut.responseDone) this.#close(cut, 'aborted', at)
  }

  #endServer(at: number): void {
    if (this.#serverEnded) return
    this.#serverEnded = true
    this.#server.end(at)
    for (const flight of this.#queue.splice(0)) this.#close(flight, 'aborted', at)
  }

  #closeAll(state: HttpExchange['state'], at: number): void {
    this.#client.kill()
    this.#server.kill()
    const sending = this.#sending
    for (const flight of this.#queue.splice(0)) this.#close(flight, state, at)
    if (sending?.responseDone === true) this.#close(sending, state, at)
    this.#closeTunnel(state, at)
  }

  #onRequestHead(head: Head, startedAt: number): Framing {
    const framing = requestFraming(head)
    if (typeof framing === 'string') return framing
    if (this.#queue.length >= this.#pipelineLimit) return 'too many requests wait for their response'
    const request = { method: head.method, target: head.text, version: head.version, headers: head.headers, startedAt }
    const flight = new Flight(this.#nextId(), this.#connection, request, head.contentEncoding, this.#bodyLimit)
    flight.holdsClient = head.upgrade !== undefined || head.method === 'CONNECT'
    this.#sending = flight
    this.#queue.push(flight)
    this.#emit({ type: 'open', id: flight.id, connection: this.#connection, request })
    return framing
  }

  #onRequestEnd(trailers: HeaderPair[], at: number): void {
    const flight = this.#sending
    if (flight === undefined) return
    this.#sending = undefined
    flight.requestDone = true
    this.#emit({
      type: 'part',
      id: flight.id,
      part: { type: 'request', request: flight.captureRequest(trailers, at) },
    })
    if (flight.responseDone) this.#close(flight, 'complete', at)
    else if (flight.holdsClient) this.#client.holdNext()
  }

  #onResponseHead(head: Head, startedAt: number, at: number): Framing {
    const flight = this.#queue[0]
    if (flight === undefined) {
      // After a gap in the requests this is what has to follow from it.
      if (!this.#client.dead || this.#clientEnded) return 'a response came without a request'
      this.#server.kill()
      return 0
    }
    const { status } = head
    if (status < 200 && status !== 101) {
      flight.interim.push({ status, headers: head.headers })
      this.#interim = true
      return flight.interim.length > 100 ? 'too many interim responses' : 0
    }
    const framing = responseFraming(head, flight.opened.method)
    const response = {
      status,
      reason: head.text,
      version: head.version,
      headers: head.headers,
      startedAt,
      interim: flight.interim,
    }
    flight.response = response
    if (framing !== 0 && framing !== OPAQUE) {
      const kind = streamKind(head.contentType)
      const limits = { limit: this.#bodyLimit, streamLimit: this.#streamLimit }
      if (kind === undefined) flight.responseBody = new BodyCollector(this.#bodyLimit, head.contentEncoding)
      else flight.stream = new BodyStreamReader(kind, head.contentEncoding, limits)
    }
    this.#emit({ type: 'part', id: flight.id, part: { type: 'response-head', response } })
    if (framing === OPAQUE) this.#openTunnel(flight, head, at)
    else if (flight.holdsClient) {
      flight.holdsClient = false
      if (flight.requestDone) this.#client.release('http', at)
    }
    return framing
  }

  #onResponseBody(chunk: Buffer, at: number): void {
    const flight = this.#queue[0]
    if (flight === undefined) return
    const { stream } = flight
    if (stream instanceof BodyStreamReader) this.#tellItems(flight, stream, stream.push(chunk, at), at)
    else flight.responseBody?.push(chunk)
  }

  #tellItems(flight: Flight, stream: BodyStreamReader, items: StreamItem[], at: number): void {
    if (items.length > 0) {
      this.#emit({ type: 'part', id: flight.id, part: { type: 'items', kind: stream.kind, items } })
    }
    const problem = stream.takeProblem()
    if (problem !== undefined) this.#gap('server', problem, at, flight.id)
  }

  #onResponseEnd(trailers: HeaderPair[], at: number): void {
    if (this.#interim) {
      this.#interim = false
      return
    }
    const flight = this.#queue.shift()
    if (flight === undefined) return
    flight.responseDone = true
    flight.responseEndedAt = at
    flight.responseTrailers = trailers
    if (flight.stream instanceof BodyStreamReader) this.#tellItems(flight, flight.stream, flight.stream.end(at), at)
    if (flight.requestDone) this.#close(flight, 'complete', at)
    else if (this.#client.dead) this.#close(flight, 'aborted', at)
  }

  #openTunnel(flight: Flight, head: Head, at: number): void {
    this.#queue.shift()
    this.#tunnel = flight
    if (head.status === 101 && head.upgrade?.toLowerCase() === 'websocket') {
      flight.stream = new WebSocketReader(head.headers, { limit: this.#bodyLimit, streamLimit: this.#streamLimit })
    } else {
      const to = flight.opened.method === 'CONNECT' ? 'a tunnel' : JSON.stringify(head.upgrade ?? '')
      this.#gap('server', `the connection became ${to}: its bytes are counted, not parsed`, at, flight.id)
    }
    this.#client.release('tunnel', at)
  }

  #onTunnel(from: Side, chunk: Buffer, at: number): void {
    const flight = this.#tunnel
    if (flight === undefined) return
    const { stream } = flight
    if (!(stream instanceof WebSocketReader)) {
      flight.tunnelBytes += chunk.length
      return
    }
    const items = stream.push(from, chunk, at)
    if (items.length > 0) this.#emit({ type: 'part', id: flight.id, part: { type: 'items', kind: 'websocket', items } })
    const problem = stream.takeProblem(from)
    if (problem !== undefined) this.#gap(from, problem, at, flight.id)
  }

  #closeTunnel(state: HttpExchange['state'], at: number): void {
    const flight = this.#tunnel
    if (flight === undefined) return
    this.#tunnel = undefined
    if (flight.stream instanceof WebSocketReader) flight.stream.close()
    this.#close(flight, state, at)
  }

  #close(flight: Flight, state: HttpExchange['state'], at: number): void {
    if (this.#sending === flight) this.#sending = undefined
    this.#emit({ type: 'close', id: flight.id, exchange: flight.exchange(state, at) })
  }

  #onClientProblem(reason: string, at: number): void {
    const flight = this.#sending
    this.#gap('client', reason, at, flight?.id)
    // Its response may still come, and closes it as aborted.
    if (flight?.responseDone === true) this.#close(flight, 'aborted', at)
  }

  #onServerProblem(reason: string, at: number): void {
    this.#gap('server', reason, at, this.#queue[0]?.id)
    this.#closeAll('aborted', at)
  }

  #gap(from: Side, reason: string, at: number, id?: number): void {
    const gap = { type: 'gap', connection: this.#connection, from, reason, at } as const
    this.#emit(id === undefined ? gap : { ...gap, id })
  }
}
