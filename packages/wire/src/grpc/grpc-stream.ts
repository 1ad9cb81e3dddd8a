import type { CallContent, HeaderList, Value } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import { requestHeaders, responseHeaders } from '../http-calls/header-tree.ts'
import type { StreamCall, StreamStart } from '../http2/stream-call.ts'
import { MessageSplitter, inflateMessage, messageValue } from './grpc-messages.ts'
import type { FramedMessage } from './grpc-messages.ts'

/** The tree of a request of gRPC. */
export function grpcRequest(
  start: Pick<StreamStart, 'headers' | 'target' | 'host'>,
  messages: readonly Value[],
): Value {
  return { path: start.target, host: start.host, metadata: requestHeaders(start.headers), messages }
}

/** What a call of gRPC is named by: `package.Service/Method`. */
export function grpcOperation(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A call of gRPC, with the order in which both sides spoke. */
export class GrpcStream implements StreamCall {
  readonly #start: StreamStart
  readonly #client: MessageSplitter
  readonly #server: MessageSplitter
  readonly #asked: Value[] = []
  readonly #answered: Value[] = []
  readonly #timeline: { atMs: number; after?: number }[] = []
  #endAfter: number | undefined
  #clientEnded = false
  #compressed = false
  #head: HeaderList | undefined
  #trailers: HeaderList | undefined
  #reset: number | undefined
  #size = 0
  problem: string | undefined

  constructor(start: StreamStart) {
    this.#start = start
    this.#client = new MessageSplitter(start.limit)
    this.#server = new MessageSplitter(start.limit)
  }

  requestData(chunk: Buffer): void {
    this.#take(this.#client, chunk, this.#start.headers, this.#asked)
  }

  requestEnd(): void {
    this.#clientEnded = true
  }

  responseHead(headers: HeaderList): void {
    this.#head = headers
  }

  responseData(chunk: Buffer, at: number): void {
    const taken = this.#take(this.#server, chunk, this.#head ?? [], this.#answered)
    this.#compressed ||= taken.some(({ compressed }) => compressed)
    const atMs = Math.max(0, Math.round((at - this.#start.at) * 1000) / 1000)
    for (const _ of taken) {
      this.#timeline.push(this.#clientEnded ? { atMs } : { atMs, after: this.#asked.length })
    }
  }

  responseTrailers(headers: HeaderList): void {
    this.#trailers = headers
    if (!this.#clientEnded) this.#endAfter = this.#asked.length
  }

  responseReset(code: number): void {
    this.#reset = code
  }

  #take(splitter: MessageSplitter, chunk: Buffer, headers: HeaderList, into: Value[]): FramedMessage[] {
    if (this.problem !== undefined) return []
    const found = splitter.push(chunk)
    for (const message of found) {
      const bytes = inflateMessage(message, headerValue(headers, 'grpc-encoding'), this.#start.limit)
      if (bytes === undefined) {
        this.problem = 'a gRPC message is compressed in a way that is not known'
        return []
      }
      // A stream may run for hours; what is kept of it has a limit.
      this.#size += bytes.length + 64
      if (this.#size > this.#start.limit)
        this.problem = `the messages of one call are longer than ${this.#start.limit} bytes`
      into.push(messageValue(bytes, headerValue(headers, 'content-type') ?? ''))
    }
    this.problem ??= splitter.problem
    return found
  }

  finish(): Omit<CallContent, 'lifetime' | 'ended'> {
    const request = grpcRequest(this.#start, this.#asked)
    const base = { protocol: 'grpc', operation: grpcOperation(this.#start.target), request } as const
    if (this.problem !== undefined || (this.#head === undefined && this.#reset === undefined)) return base
    return { ...base, response: this.#response() }
  }

  #response(): Value {
    // An answer without messages may come as one header section, which is head and trailers at once.
    const only = this.#trailers === undefined && headerValue(this.#head ?? [], 'grpc-status') !== undefined
    const trailers = only ? (this.#head ?? []) : (this.#trailers ?? [])
    const isStatus = (name: string): boolean => name === 'grpc-status' || name === 'grpc-message'
    const status = headerValue(trailers, 'grpc-status')
    const message = headerValue(trailers, 'grpc-message')
    const extra = responseHeaders(trailers.filter(([name]) => !isStatus(name)))
    const httpStatus = headerValue(this.#head ?? [], ':status')
    const plain = this.#timeline.length <= 1 && this.#timeline.every(({ after }) => after === undefined)
    return {
      ...(httpStatus !== undefined && httpStatus !== '200' && { httpStatus: Number(httpStatus) }),
      metadata: only ? {} : responseHeaders(this.#head ?? []),
      messages: this.#answered,
      ...(status !== undefined && { status: Number(status) }),
      ...(message !== undefined && message !== '' && { message: percentDecode(message) }),
      ...(Object.keys(extra).length > 0 && { trailers: extra }),
      ...(this.#compressed && { compressed: true }),
      ...(!plain && { timeline: this.#timeline }),
      ...(this.#endAfter !== undefined && { endAfter: this.#endAfter }),
      ...(this.#reset !== undefined && { reset: this.#reset }),
    }
  }
}
