import type { ServerHttp2Stream } from 'node:http2'
import { isDeepStrictEqual } from 'node:util'

import type { HeaderList, Value } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import { headerLines } from '../http-calls/header-tree.ts'
import { listOf, outgoingHeaders } from '../http2/stream-answer.ts'
import type { StreamAnswer } from '../http2/stream-answer.ts'
import { streamStart } from '../http2/stream-call.ts'
import type { MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { messageKey } from './grpc-key.ts'
import { MessageSplitter, frameMessage, inflateMessage, messageBytes, messageValue } from './grpc-messages.ts'
import { grpcOperation, grpcRequest } from './grpc-stream.ts'

type Tree = { readonly [key: string]: Value }

const MESSAGE_LIMIT = 64 * 1024 * 1024
const NOT_FOUND = 5
const INTERNAL = 13

function percentEncode(text: string): string {
  return text.replaceAll(/[^ -$&-~]/gu, (char) => encodeURIComponent(char.isWellFormed() ? char : '?'))
}

/** After how many messages of the client a message of the server was sent; nothing when it was after the client's end. */
function afterOf(response: Tree, index: number): number | undefined {
  const entry = listOf(response['timeline'])[index]
  return isTree(entry) && typeof entry['after'] === 'number' ? entry['after'] : undefined
}

/** After how many messages of the client the server first did something; without end when it waited for the client's end. */
function firstAfter(response: Tree): number {
  const { endAfter } = response
  return afterOf(response, 0) ?? (typeof endAfter === 'number' ? endAfter : Infinity)
}

/** Answers one call of gRPC. */
export class GrpcAnswer implements StreamAnswer {
  readonly #stream: ServerHttp2Stream
  readonly #headers: HeaderList
  readonly #options: MockServerOptions
  readonly #disconnect: (how: 'end' | 'reset') => void
  readonly #splitter = new MessageSplitter(MESSAGE_LIMIT)
  readonly #asked: Value[] = []
  /** What the client is to send, where an answer was chosen before it had sent all. */
  #expected: readonly Value[] | undefined
  #response: Tree | undefined
  #next = 0
  #clientEnded = false
  #closed = false
  #cancel: (() => void) | undefined

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
    this.#early()
  }

  data(chunk: Buffer): void {
    if (this.#closed) return
    const contentType = headerValue(this.#headers, 'content-type') ?? ''
    for (const message of this.#splitter.push(chunk)) {
      const bytes = inflateMessage(message, headerValue(this.#headers, 'grpc-encoding'), MESSAGE_LIMIT)
      if (bytes === undefined) {
        this.#fail(INTERNAL, 'keploy: a message is compressed in a way that is not known')
        return
      }
      this.#asked.push(messageValue(bytes, contentType))
      if (!this.#matches()) return
      this.#early()
    }
    if (this.#splitter.problem !== undefined) this.#fail(INTERNAL, `keploy: ${this.#splitter.problem}`)
  }

  end(): void {
    if (this.#closed) return
    this.#clientEnded = true
    if (this.#response === undefined) this.#ask(this.#asked)
    else if (this.#asked.length < (this.#expected?.length ?? 0)) {
      this.#fail(NOT_FOUND, `keploy: the recorded call went on after ${this.#asked.length} messages of the client`)
    } else this.#advance()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  get #operation(): string {
    return grpcOperation(headerValue(this.#headers, ':path') ?? '')
  }

  /** In a recorded call the server may have spoken before the client was done: then so does this one. */
  #early(): void {
    if (this.#response !== undefined) {
      this.#advance()
      return
    }
    const count = this.#asked.length
    const recorded = this.#options.recorded(this.#operation)
    const speaking = recorded.filter(({ response }) => isTree(response) && firstAfter(response) <= count)
    const found = speaking.find(({ request }) => {
      const messages = isTree(request) ? listOf(request['messages']) : []
      return messages.length >= count && this.#asked.every((message, index) => same(message, messages[index]))
    })
    // Where no recorded call waits for more, waiting would be for ever: the closest one is asked for, and may be a miss.
    const chosen =
      found ?? (count > 0 && speaking.length === recorded.length ? (speaking[0] ?? { request: null }) : undefined)
    if (chosen === undefined) return
    const rest = isTree(chosen.request) ? listOf(chosen.request['messages']).slice(count) : []
    this.#expected = [...this.#asked, ...rest]
    this.#ask(this.#expected)
  }

  #matches(): boolean {
    const index = this.#asked.length - 1
    if (this.#expected === undefined || same(this.#asked[index], this.#expected[index])) return true
    this.#fail(NOT_FOUND, `keploy: message ${index + 1} of the client is not the recorded one`)
    return false
  }

  #ask(messages: readonly Value[]): void {
    const request = grpcRequest(streamStart(this.#headers, 0, 0), messages)
    const answer = this.#options.answer({ operation: this.#operation, request, lifetime: 'test' })
    if (answer.type === 'miss') {
      this.#fail(NOT_FOUND, `keploy: ${answer.message}`)
      return
    }
    if (!isTree(answer.response)) {
      this.#response = {}
      if (answer.ended !== undefined) this.#disconnect(answer.ended)
      return
    }
    this.#response = answer.response
    if (answer.ended !== undefined) this.#stream.on('close', () => this.#disconnect(answer.ended as 'end' | 'reset'))
    this.#advance()
  }

  /** Sends what is due. */
  #advance(): void {
    const response = this.#response
    if (response === undefined || this.#cancel !== undefined) return
    const messages = listOf(response['messages'])
    while (this.#next < messages.length && !this.#closed) {
      const after = afterOf(response, this.#next)
      if (after === undefined ? !this.#clientEnded : this.#asked.length < after) return
      const wait = this.#wait(response)
      if (wait > 0) {
        this.#cancel = this.#options.schedule(wait, () => {
          this.#cancel = undefined
          this.#say(response, messages)
          this.#advance()
        })
        return
      }
      this.#say(response, messages)
    }
    const { endAfter } = response
    if (typeof endAfter === 'number' ? this.#asked.length >= endAfter : this.#clientEnded) this.#finish(response)
  }

  #wait(response: Tree): number {
    if (this.#options.keepTiming !== true || this.#next === 0) return 0
    const time = (index: number): number => {
      const entry = listOf(response['timeline'])[index]
      return isTree(entry) ? Number(entry['atMs']) || 0 : 0
    }
    return time(this.#next) - time(this.#next - 1)
  }

  #say(response: Tree, messages: readonly Value[]): void {
    const value = messages[this.#next]
    this.#next += 1
    const lines = headerLines(response['metadata'])
    const bytes = messageBytes(value, headerValue(lines, 'content-type') ?? '')
    if (bytes === undefined) {
      this.#fail(INTERNAL, 'keploy: a recorded message can not be written again')
      return
    }
    const gzip = response['compressed'] === true && headerValue(lines, 'grpc-encoding') === 'gzip'
    this.#head(response)
    if (!this.#closed) this.#stream.write(frameMessage(bytes, gzip))
  }

  #head(response: Tree): void {
    if (this.#stream.headersSent || this.#closed) return
    const status = Number(response['httpStatus'] ?? 200)
    const outgoing = outgoingHeaders(headerLines(response['metadata']))
    delete outgoing['content-length']
    const valid = Number.isInteger(status) && status >= 200 && status <= 599
    // Node would add a date, which was not recorded.
    const options = { waitForTrailers: true, sendDate: false }
    this.#guard(() => this.#stream.respond({ ...outgoing, ':status': valid ? status : 502 }, options))
  }

  #finish(response: Tree): void {
    if (this.#closed) return
    if (typeof response['reset'] === 'number') {
      this.#closed = true
      this.#stream.close(response['reset'] >>> 0)
      return
    }
    // Without a status the recorded call was never finished: the client gave up, and will again.
    if (typeof response['status'] !== 'number' && response['httpStatus'] === undefined) {
      if (response['metadata'] !== undefined) this.#head(response)
      return
    }
    if (headerLines(response['metadata']).length > 0) this.#head(response)
    const message = typeof response['message'] === 'string' ? response['message'] : ''
    this.#trail({
      ...outgoingHeaders(headerLines(response['trailers'])),
      ...(typeof response['status'] === 'number' && { 'grpc-status': String(response['status']) }),
      ...(message !== '' && { 'grpc-message': percentEncode(message) }),
    })
  }

  #fail(status: number, message: string): void {
    if (this.#closed) return
    this.#trail({
      'content-type': 'application/grpc',
      'grpc-status': String(status),
      'grpc-message': percentEncode(message),
    })
  }

  #trail(trailers: Readonly<Record<string, string | string[] | number | undefined>>): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#stream.headersSent) {
      this.#stream.on('wantTrailers', () => this.#guard(() => this.#stream.sendTrailers(trailers)))
      this.#stream.end()
    } else {
      // An answer that is nothing but its end: one header section.
      const options = { endStream: true, sendDate: false }
      this.#guard(() => this.#stream.respond({ ...trailers, ':status': 200 }, options))
    }
    // The rest of what the client sends is of no interest, but has to be read for the stream to end.
    this.#stream.resume()
  }

  #guard(send: () => void): void {
    try {
      send()
    } catch {
      // A recorded header that no server of HTTP/2 may send, or a stream that is gone.
      this.#closed = true
      if (!this.#stream.destroyed) this.#stream.close(2)
    }
  }
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && isDeepStrictEqual(messageKey(a), messageKey(b))
}
