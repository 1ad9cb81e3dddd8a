import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'

import { GrpcAnswer } from '../grpc/grpc-answer.ts'
import type { MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { PlainAnswer } from './plain-answer.ts'
import { headerList } from './stream-answer.ts'
import type { StreamAnswer } from './stream-answer.ts'
import { isGrpc } from './stream-call.ts'

/**
 * Plays the server of a connection of HTTP/2. Frames, header compression, flow control and limits are those of Node's own
 * server, which runs over a stream in memory.
 */
export class Http2MockServer implements MockServer {
  readonly #options: MockServerOptions
  readonly #pipe: Duplex
  readonly #answers = new Set<StreamAnswer>()
  readonly #session: http2.ServerHttp2Session
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = options
    this.#pipe = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#closed) options.send(chunk)
        done()
      },
      final: (done) => {
        this.#end('end')
        done()
      },
    })
    this.#pipe.on('error', () => this.#end('end'))
    this.#session = http2.performServerHandshake(this.#pipe)
    this.#session.on('error', () => this.#end('end'))
    this.#session.on('close', () => this.#end('end'))
    this.#session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) =>
      this.#onStream(stream, headers),
    )
  }

  push(chunk: Uint8Array): void {
    // A copy: the session reads later, and the caller may use its memory again.
    if (!this.#closed) this.#pipe.push(Buffer.from(chunk))
  }

  end(): void {
    if (!this.#closed) this.#pipe.push(null)
  }

  deliver(): void {
    // A server of HTTP never speaks first.
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const answer of this.#answers) answer.close()
    this.#answers.clear()
    // Not at once: Node's session writes its farewell, and asserts that the pipe is not just being ended.
    setImmediate(() => {
      this.#session.destroy()
      this.#pipe.destroy()
    })
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {})
    const disconnect = (how: 'end' | 'reset'): void => this.#end(how)
    const answer: StreamAnswer = isGrpc(headers['content-type'])
      ? new GrpcAnswer(stream, headerList(headers), this.#options, disconnect)
      : new PlainAnswer(stream, headerList(headers), this.#options, disconnect)
    this.#answers.add(answer)
    stream.on('data', (chunk: Buffer) => answer.data(chunk))
    stream.on('end', () => answer.end())
    stream.on('close', () => {
      answer.close()
      this.#answers.delete(answer)
    })
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.close()
    this.#options.close(how)
  }
}
