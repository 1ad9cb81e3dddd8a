import type { HeaderPair, Value } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import { DEFAULT_HEAD_LIMIT } from '../defaults.ts'
import { BodyCollector } from '../http/body-collector.ts'
import { requestFraming } from '../http/framing.ts'
import type { Framing } from '../http/framing.ts'
import type { Head } from '../http/head.ts'
import { MessageParser } from '../http/message-parser.ts'
import type { MockAnswer, MockMiss, MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { encodeAnswer, encodeHead, missAnswer } from './encode-answer.ts'
import type { AnswerPiece } from './encode-answer.ts'
import { headerLines } from './header-tree.ts'
import { requestTree } from './http-trees.ts'
import { WebSocketReplay, websocketAccept } from './replay-websocket.ts'

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')
const BAD_REQUEST = Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
const BODY_LIMIT = 64 * 1024 * 1024

/** Answers waiting behind a stream or a missing answer; more than this end the connection. */
const WAITING_LIMIT = 1024

type Waiting = () => void

/** Plays the server of one HTTP/1.x connection. Answers go out in the order of their requests. */
export class HttpMockServer implements MockServer {
  readonly #options: MockServerOptions
  readonly #parser: MessageParser
  #head: Head | undefined
  #body: BodyCollector | undefined
  #closed = false
  /** An answer is still on its way, or will never come: what follows waits. */
  #busy = false
  readonly #waiting: Waiting[] = []
  #cancel: (() => void) | undefined
  #socket: WebSocketReplay | undefined
  #clientEnded = false

  constructor(options: MockServerOptions) {
    this.#options = options
    this.#parser = new MessageParser(
      {
        onHead: (head) => this.#onHead(head),
        onBody: (chunk) => this.#body?.push(chunk),
        onEnd: (trailers, at) => this.#onEnd(trailers, at),
        onOpaque: (chunk) => this.#socket?.push(chunk),
        onProblem: () => this.#run(() => this.#refuse()),
      },
      'request',
      DEFAULT_HEAD_LIMIT,
    )
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#parser.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), 0)
  }

  end(): void {
    this.#clientEnded = true
    if (!this.#busy) this.#end('end')
  }

  deliver(): void {
    // A server of HTTP never speaks first.
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#socket?.close()
    this.#waiting.length = 0
    this.#parser.kill()
  }

  #onHead(head: Head): Framing {
    const framing = requestFraming(head)
    if (typeof framing === 'string') return framing
    this.#head = head
    this.#body = framing === 0 ? undefined : new BodyCollector(BODY_LIMIT, head.contentEncoding)
    if (framing !== 0 && /^100-continue$/i.test(headerValue(head.headers, 'expect') ?? '')) {
      this.#run(() => this.#options.send(CONTINUE))
    }
    return framing
  }

  #onEnd(_trailers: HeaderPair[], at: number): void {
    const head = this.#head
    if (head === undefined || this.#closed) return
    const captured = this.#body?.capture()
    this.#head = undefined
    this.#body = undefined
    const request = requestTree({
      method: head.method,
      target: head.text,
      headers: head.headers,
      body: captured?.bytes ?? new Uint8Array(0),
    })
    const upgrade = head.upgrade?.toLowerCase() === 'websocket' || head.method === 'CONNECT'
    if (upgrade) this.#parser.holdNext()
    const answer: MockAnswer | MockMiss =
      captured?.omitted === undefined
        ? this.#options.answer({ operation: head.method, request, lifetime: 'test' })
        : {
            type: 'miss',
            message: 'the body of the request is too long, or is not in the encoding that its header names',
          }
    this.#run(() => this.#answer(head, answer, upgrade, at))
  }

  /** Does something in turn. */
  #run(step: Waiting): void {
    if (this.#closed) return
    if (!this.#busy) step()
    else if (this.#waiting.length < WAITING_LIMIT) this.#waiting.push(step)
    else this.#end('reset')
  }

  #next(): void {
    this.#busy = false
    while (!this.#busy && !this.#closed) {
      const step = this.#waiting.shift()
      if (step === undefined) break
      step()
    }
    if (this.#clientEnded && !this.#busy) this.#end('end')
  }

  #answer(head: Head, answer: MockAnswer | MockMiss, upgrade: boolean, at: number): void {
    const response = answer.type === 'miss' ? missAnswer(answer.message) : answer.response
    const ended = answer.type === 'miss' ? undefined : answer.ended
    if (!isTree(response)) {
      // The recorded server said nothing: neither does this one, whatever comes behind.
      this.#busy = true
      if (ended !== undefined) this.#end(ended)
      return
    }
    if (upgrade && response['status'] === 101) {
      this.#upgrade(head, response, at)
      return
    }
    if (upgrade) this.#parser.release('http', at)
    const encoded = encodeAnswer(response)
    const close = encoded.close || ended !== undefined || this.#wantsClose(head)
    const how = ended ?? 'end'
    if (head.method === 'HEAD') {
      this.#options.send(encoded.head)
      if (close) this.#end(how)
    } else if (encoded.pieces !== undefined && this.#options.keepTiming === true) {
      this.#busy = true
      this.#stream(encoded.pieces, 0, () => (close ? this.#end(how) : this.#next()))
    } else {
      this.#options.send(encoded.bytes)
      if (close) this.#end(how)
    }
  }

  #wantsClose(head: Head): boolean {
    if (head.version === '1.1') {
      // Most requests have no such header: looking once is cheap, a pattern over all of them is not.
      const connection = headerValue(head.headers, 'connection')
      return connection !== undefined && /\bclose\b/i.test(connection)
    }
    return !/\bkeep-alive\b/i.test(headerValue(head.headers, 'connection') ?? '')
  }

  #stream(pieces: readonly AnswerPiece[], sent: number, done: () => void): void {
    let at = sent
    for (let piece = pieces[at]; piece !== undefined; piece = pieces[at]) {
      const wait = at === 0 ? 0 : piece.atMs - (pieces[at - 1] as AnswerPiece).atMs
      if (wait > 0 && sent !== at) break
      if (piece.bytes.length > 0) this.#options.send(piece.bytes)
      at += 1
    }
    const next = pieces[at]
    if (next === undefined) {
      done()
      return
    }
    const wait = next.atMs - (pieces[at - 1] as AnswerPiece).atMs
    this.#cancel = this.#options.schedule(wait, () => {
      this.#cancel = undefined
      if (!this.#closed) this.#stream(pieces, at, done)
    })
  }

  #upgrade(head: Head, response: { readonly [key: string]: Value }, at: number): void {
    this.#busy = true
    const key = headerValue(head.headers, 'sec-websocket-key') ?? ''
    const lines = headerLines(response['headers']).filter(
      ([name]) => !/^sec-websocket-(?:accept|extensions)$/i.test(name) && !/^content-length$/i.test(name),
    )
    // No extension is agreed on, so that messages go out as they stand.
    this.#options.send(
      encodeHead('HTTP/1.1 101 Switching Protocols', [...lines, ['Sec-WebSocket-Accept', websocketAccept(key)]]),
    )
    const { stream } = response
    const items = isTree(stream) && Array.isArray(stream['items']) ? (stream['items'] as readonly Value[]) : []
    this.#socket = new WebSocketReplay(this.#options, items)
    this.#socket.start()
    this.#parser.release('tunnel', at)
  }

  #refuse(): void {
    this.#options.send(BAD_REQUEST)
    this.#end('end')
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.close()
    this.#options.close(how)
  }
}
