import type { CallContent, HeaderList, HttpExchange } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import { requestTree, responseTree } from '../http-calls/http-trees.ts'
import { BodyCollector } from '../http/body-collector.ts'
import { BodyStreamReader, streamKind } from '../http/stream-reader.ts'
import type { StreamCall, StreamStart } from './stream-call.ts'

/** A request of HTTP/2 that is not gRPC. */
export class PlainStream implements StreamCall {
  readonly #start: StreamStart
  readonly #asked: BodyCollector
  #answered: BodyCollector | undefined
  #stream: BodyStreamReader | undefined
  #head: HeaderList | undefined
  #headAt = 0
  #trailers: HeaderList = []

  constructor(start: StreamStart) {
    this.#start = start
    this.#asked = new BodyCollector(start.limit, headerValue(start.headers, 'content-encoding'))
  }

  problem: string | undefined

  requestData(chunk: Buffer): void {
    this.#asked.push(chunk)
  }

  requestEnd(): void {
    // Nothing to do: the end of the answer is what counts.
  }

  responseHead(headers: HeaderList, at: number): void {
    this.#head = headers
    this.#headAt = at
    const encoding = headerValue(headers, 'content-encoding')
    const kind = streamKind(headerValue(headers, 'content-type'))
    const { limit } = this.#start
    if (kind === undefined) this.#answered = new BodyCollector(limit, encoding)
    else this.#stream = new BodyStreamReader(kind, encoding, { limit, streamLimit: limit })
  }

  responseData(chunk: Buffer, at: number): void {
    if (this.#stream === undefined) this.#answered?.push(chunk)
    else this.#stream.push(chunk, at)
  }

  responseTrailers(headers: HeaderList): void {
    this.#trailers = headers
  }

  responseReset(): void {
    // The call is aborted; what came of the answer is marked as cut.
  }

  finish(state: 'complete' | 'open' | 'aborted', at: number): Omit<CallContent, 'lifetime' | 'ended'> {
    const { method, target, host, headers } = this.#start
    const body = this.#asked.capture()
    const request = requestTree({ method, target, host, headers, body: body.bytes })
    this.#stream?.end(at)
    const answered = this.#stream?.body() ?? this.#answered?.capture()
    if ((body.omitted ?? answered?.omitted) !== undefined) {
      this.problem = `a body of ${method} ${target.slice(0, 100)} is longer than ${this.#start.limit} bytes, or is not in its encoding`
    }
    if (this.#head === undefined || answered === undefined || this.problem !== undefined) {
      return { protocol: 'http', operation: method, request }
    }
    const exchange: HttpExchange = {
      protocol: 'http',
      id: 0,
      connection: 0,
      state,
      request: { method, target, version: '2', headers, trailers: [], body, startedAt: this.#start.at, endedAt: at },
      response: {
        status: Number(headerValue(this.#head, ':status')) || 0,
        reason: '',
        version: '2',
        headers: this.#head,
        trailers: this.#trailers,
        body: answered,
        startedAt: this.#headAt,
        endedAt: at,
        interim: [],
      },
      ...(this.#stream !== undefined && { stream: { kind: this.#stream.kind, items: this.#stream.items } }),
    }
    const response = responseTree(exchange)
    return { protocol: 'http', operation: method, request, ...(response !== undefined && { response }) }
  }
}
