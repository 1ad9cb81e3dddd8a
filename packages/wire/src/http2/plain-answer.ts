import type { ServerHttp2Stream } from 'node:http2'

import type { HeaderList, Value } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import { answerBody, itemBytes, missAnswer } from '../http-calls/encode-answer.ts'
import { headerIn, headerLines } from '../http-calls/header-tree.ts'
import { requestTree } from '../http-calls/http-trees.ts'
import { BodyCollector } from '../http/body-collector.ts'
import type { MockAnswer, MockMiss, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { listOf, outgoingHeaders } from './stream-answer.ts'
import type { StreamAnswer } from './stream-answer.ts'

const BODY_LIMIT = 64 * 1024 * 1024

/** Answers a request of plain HTTP/2, whichever version of HTTP the answer was recorded in. */
export class PlainAnswer implements StreamAnswer {
  readonly #stream: ServerHttp2Stream
  readonly #headers: HeaderList
  readonly #options: MockServerOptions
  readonly #disconnect: (how: 'end' | 'reset') => void
  readonly #body: BodyCollector
  #cancel: (() => void) | undefined
  #closed = false

  constructor(
    stream: ServerHttp2Stream,
    headers: HeaderList,
    options: MockServerOptions,
    disconnect: (how: 'end' | 'reset') => void,
  ) {
    this.#stream = stream
    this.#headers = headers
    this.#options = options
    this.#disconnect = disconnect
    this.#body = new BodyCollector(BODY_LIMIT, headerValue(headers, 'content-encoding'))
  }

  data(chunk: Buffer): void {
    this.#body.push(chunk)
  }

  end(): void {
    if (this.#closed) return
    const method = headerValue(this.#headers, ':method') ?? ''
    const captured = this.#body.capture()
    const request = requestTree({
      method,
      target: headerValue(this.#headers, ':path') ?? '',
      host: headerValue(this.#headers, ':authority') ?? headerValue(this.#headers, 'host') ?? '',
      headers: this.#headers,
      body: captured.bytes,
    })
    const answer: MockAnswer | MockMiss =
      captured.omitted === undefined
        ? this.#options.answer({ operation: method, protocol: 'http', request, lifetime: 'test' })
        : {
            type: 'miss',
            message: 'the body of the request is too long, or is not in the encoding that its header names',
          }
    const response = answer.type === 'miss' ? missAnswer(answer.message) : answer.response
    if (!isTree(response)) {
      if (answer.type === 'answer' && answer.ended !== undefined) this.#disconnect(answer.ended)
      return
    }
    try {
      this.#respond(method, response)
    } catch {
      // A recorded header that no server of HTTP/2 may send.
      if (!this.#stream.destroyed) this.#stream.close(2)
    }
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #respond(method: string, response: { readonly [key: string]: Value }): void {
    const { headers, stream } = response
    const status = Number(response['status'])
    const valid = Number.isInteger(status) && status >= 200 && status <= 599
    const kind = isTree(stream) ? stream['kind'] : undefined
    const items = isTree(stream) ? listOf(stream['items']) : []
    const pieces = items.map((item) => ({ item, bytes: itemBytes(kind, item) ?? Buffer.alloc(0) }))
    const encoded = headerIn(headers, 'content-encoding') !== undefined
    const timed = isTree(stream) && this.#options.keepTiming === true && !encoded
    const whole = isTree(stream) ? Buffer.concat(pieces.map(({ bytes }) => bytes)) : response['body']
    const body = answerBody(whole, headers)
    const outgoing = outgoingHeaders(headerLines(headers))
    if (outgoing['content-length'] !== undefined && body.length > 0 && response['cut'] !== true) {
      outgoing['content-length'] = String(body.length)
    }
    const trailers = outgoingHeaders(headerLines(response['trailers']))
    const waitForTrailers = Object.keys(trailers).length > 0
    const bodiless = method === 'HEAD' || status === 204 || status === 304
    // Node would add a date, which was not recorded.
    const options = { waitForTrailers: waitForTrailers && !bodiless, endStream: bodiless, sendDate: false }
    this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(trailers))
    this.#stream.respond({ ...outgoing, ':status': valid ? status : 502 }, options)
    if (bodiless) return
    if (response['cut'] === true) {
      this.#stream.write(body, () => this.#stream.close(2))
    } else if (timed) this.#play(pieces, 0)
    else this.#stream.end(body)
  }

  #play(pieces: readonly { readonly item: Value; readonly bytes: Buffer }[], at: number): void {
    const piece = pieces[at]
    if (piece === undefined) {
      this.#stream.end()
      return
    }
    const time = (index: number): number => {
      const item = pieces[index]?.item
      return isTree(item) ? Number(item['atMs']) || 0 : 0
    }
    const wait = at === 0 ? 0 : time(at) - time(at - 1)
    this.#cancel = this.#options.schedule(Math.max(0, wait), () => {
      if (this.#closed) return
      this.#stream.write(piece.bytes)
      this.#play(pieces, at + 1)
    })
  }
}
