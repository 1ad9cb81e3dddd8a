import type { CapturedBody, HeaderList, HeaderPair, HttpExchange, HttpExchangeRequest } from '@keploy-framework/format'

import type { OpenedRequest, OpenedResponse } from '../codec.ts'
import { BodyCollector } from './body-collector.ts'
import type { StreamReader } from './stream-reader.ts'

const NO_HEADERS: HeaderList = []
const NO_BODY: CapturedBody = { bytes: Buffer.alloc(0), wireSize: 0 }

/** One exchange under way: what is known of its two halves so far. */
export class Flight {
  readonly id: number
  readonly connection: number
  readonly opened: OpenedRequest
  readonly requestBody: BodyCollector
  request: HttpExchangeRequest | undefined = undefined
  requestDone = false
  /** The client's bytes wait for the answer, which decides whether HTTP follows. */
  holdsClient = false
  interim: { readonly status: number; readonly headers: HeaderList }[] = []
  response: OpenedResponse | undefined = undefined
  /** Made when the head of the response is known, which names the encoding. */
  responseBody: BodyCollector | undefined = undefined
  responseTrailers: HeaderPair[] | HeaderList = NO_HEADERS
  responseDone = false
  responseEndedAt = 0
  /** Bytes that passed, both ways, after an upgrade that nobody here can parse. */
  tunnelBytes = 0
  stream: StreamReader | undefined = undefined

  constructor(
    id: number,
    connection: number,
    opened: OpenedRequest,
    requestEncoding: string | undefined,
    bodyLimit: number,
  ) {
    this.id = id
    this.connection = connection
    this.opened = opened
    this.requestBody = new BodyCollector(bodyLimit, requestEncoding)
  }

  /** The request as it is now. */
  captureRequest(trailers: HeaderList, at: number): HttpExchangeRequest {
    const { opened } = this
    this.request = {
      method: opened.method,
      target: opened.target,
      version: opened.version,
      headers: opened.headers,
      trailers,
      body: this.requestBody.capture(),
      startedAt: opened.startedAt,
      endedAt: at,
    }
    return this.request
  }

  /** The exchange as it is now. */
  exchange(state: HttpExchange['state'], at: number): HttpExchange {
    const request = this.request ?? this.captureRequest(NO_HEADERS, at)
    const { response, stream } = this
    const base = { protocol: 'http', id: this.id, connection: this.connection, state, request } as const
    if (response === undefined) return base
    const whole = {
      status: response.status,
      reason: response.reason,
      version: response.version,
      headers: response.headers,
      trailers: this.responseTrailers,
      body: stream === undefined ? this.#responseBody() : stream.body(),
      startedAt: response.startedAt,
      endedAt: this.responseDone ? this.responseEndedAt : at,
      interim: response.interim,
    }
    if (stream === undefined) return { ...base, response: whole }
    return { ...base, response: whole, stream: { kind: stream.kind, items: stream.items } }
  }

  #responseBody(): CapturedBody {
    const body = this.responseBody?.capture() ?? NO_BODY
    return this.tunnelBytes === 0 ? body : { ...body, wireSize: this.tunnelBytes }
  }
}
