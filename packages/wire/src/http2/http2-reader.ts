import type { HeaderPair } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import { GrpcStream } from '../grpc/grpc-stream.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { FLAG, FRAME, FrameParser } from './frame-parser.ts'
import type { Frame } from './frame-parser.ts'
import { HpackDecoder } from './hpack-decoder.ts'
import { PlainStream } from './plain-stream.ts'
import { isGrpc, streamStart } from './stream-call.ts'
import type { StreamCall } from './stream-call.ts'

/** Default of `messageLimit`: 16 MiB. */
const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
/** Streams that may be open at once. */
const STREAM_LIMIT = 4096
/** Bytes of a header section that comes in several frames. */
const SECTION_LIMIT = 1024 * 1024

type From = 'client' | 'server'

interface Half {
  readonly frames: FrameParser
  readonly hpack: HpackDecoder
  /** A header section that goes on in the next frame. */
  section: { readonly frame: Frame; readonly pieces: Buffer[]; size: number } | undefined
}

interface Open {
  readonly id: number
  readonly startedAt: number
  readonly call: StreamCall
  answered: boolean
}

/** Reads a connection of HTTP/2: every stream is a call, of gRPC or of plain HTTP. */
export class Http2Reader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #limit: number
  readonly #halves: Readonly<Record<From, Half>>
  readonly #streams = new Map<number, Open>()
  #lastStream = 0
  #over = false
  #gapTold = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    this.#limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    const half = (from: From): Half => ({
      frames: new FrameParser(from),
      hpack: new HpackDecoder(),
      section: undefined,
    })
    this.#halves = { client: half('client'), server: half('server') }
  }

  push(from: From, chunk: Uint8Array, at: number): void {
    if (this.#over) return
    const { frames } = this.#halves[from]
    frames.push(chunk)
    for (let frame = frames.next(); frame !== undefined && !this.#over; frame = frames.next())
      this.#onFrame(from, frame, at)
    if (frames.problem !== undefined && !this.#over) this.#fail(from, frames.problem, at)
  }

  end(from: From, at: number): void {
    if (from === 'server') this.#closeAll('aborted', at, 'end')
  }

  abort(at: number): void {
    this.#closeAll('aborted', at, 'reset')
    this.#over = true
  }

  stop(at: number): void {
    this.#closeAll('open', at)
    this.#over = true
  }

  #onFrame(from: From, frame: Frame, at: number): void {
    const half = this.#halves[from]
    if (half.section !== undefined && frame.type !== FRAME.continuation) {
      this.#fail(from, 'a header section is not whole', at)
      return
    }
    const open = this.#streams.get(frame.stream)
    switch (frame.type) {
      case FRAME.headers:
      case FRAME.pushPromise:
      case FRAME.continuation:
        this.#onSection(from, frame, at)
        break
      case FRAME.data:
        if (open === undefined) break
        if (from === 'client') open.call.requestData(frame.payload, at)
        else open.call.responseData(frame.payload, at)
        this.#onProblem(frame.stream, open, from, at)
        if ((frame.flags & FLAG.endStream) !== 0) this.#onEndStream(from, frame.stream, at)
        break
      case FRAME.reset:
        if (open === undefined) break
        if (from === 'server' && frame.payload.length >= 4) open.call.responseReset(frame.payload.readUInt32BE(0))
        this.#close(frame.stream, open, 'aborted', at)
        break
    }
  }

  #onSection(from: From, frame: Frame, at: number): void {
    const half = this.#halves[from]
    if (frame.type === FRAME.continuation) {
      if (half.section === undefined || half.section.frame.stream !== frame.stream) {
        this.#fail(from, 'a header section goes on that never began', at)
        return
      }
    } else half.section = { frame, pieces: [], size: 0 }
    const { section } = half
    const bytes = frame.type === FRAME.pushPromise ? frame.payload.subarray(4) : frame.payload
    // Frames without bytes would pile up too.
    section.size += bytes.length + 64
    section.pieces.push(bytes)
    if (section.size > SECTION_LIMIT) {
      this.#fail(from, 'a header section is longer than 1 MiB', at)
      return
    }
    if ((frame.flags & FLAG.endHeaders) === 0) return
    half.section = undefined
    const headers = half.hpack.decode(section.pieces.length === 1 ? bytes : Buffer.concat(section.pieces))
    if (typeof headers === 'string') this.#fail(from, headers, at)
    else if (section.frame.type === FRAME.headers) this.#onHeaders(from, section.frame, headers, at)
  }

  #onHeaders(from: From, frame: Frame, headers: HeaderPair[], at: number): void {
    const open = this.#streams.get(frame.stream)
    if (from === 'client' && open === undefined) {
      if (frame.stream <= this.#lastStream) return
      this.#lastStream = frame.stream
      this.#begin(frame.stream, headers, at)
    } else if (from === 'server' && open !== undefined) {
      const status = headerValue(headers, ':status')
      if (status?.startsWith('1') === true) return
      if (open.answered) open.call.responseTrailers(headers, at)
      else open.call.responseHead(headers, at)
      open.answered = true
    }
    if ((frame.flags & FLAG.endStream) !== 0) this.#onEndStream(from, frame.stream, at)
  }

  #begin(stream: number, headers: HeaderPair[], at: number): void {
    if (this.#streams.size >= STREAM_LIMIT) {
      this.#fail('client', 'too many streams are open at once', at)
      return
    }
    const start = streamStart(headers, at, this.#limit)
    const call = isGrpc(headerValue(headers, 'content-type')) ? new GrpcStream(start) : new PlainStream(start)
    const id = this.#options.nextId()
    this.#streams.set(stream, { id, startedAt: at, call, answered: false })
    this.#emit({ type: 'open', id, at })
  }

  #onEndStream(from: From, stream: number, at: number): void {
    const open = this.#streams.get(stream)
    if (open === undefined) return
    if (from === 'client') open.call.requestEnd(at)
    // A server may answer before it has read all: its answer ends the call.
    else this.#close(stream, open, 'complete', at)
  }

  #onProblem(stream: number, open: Open, from: From, at: number): void {
    const { problem } = open.call
    if (problem === undefined) return
    this.#gap(from, problem, at)
    this.#close(stream, open, 'aborted', at)
  }

  #close(
    stream: number,
    open: Open,
    state: 'complete' | 'open' | 'aborted',
    at: number,
    ended?: 'end' | 'reset',
  ): void {
    this.#streams.delete(stream)
    const content = open.call.finish(state, at)
    const { problem } = open.call
    if (problem !== undefined) this.#gap('server', problem, at)
    this.#emit({
      type: 'call',
      call: {
        ...content,
        id: open.id,
        connection: this.#options.connection,
        lifetime: 'test',
        state: problem === undefined ? state : 'aborted',
        startedAt: open.startedAt,
        endedAt: at,
        ...(ended !== undefined && { ended }),
      },
    })
  }

  #closeAll(state: 'open' | 'aborted', at: number, ended?: 'end' | 'reset'): void {
    for (const [stream, open] of this.#streams) this.#close(stream, open, state, at, ended)
  }

  #fail(from: From, reason: string, at: number): void {
    this.#over = true
    this.#gap(from, reason, at)
    this.#closeAll('aborted', at)
  }

  #gap(from: From, reason: string, at: number): void {
    if (this.#gapTold) return
    this.#gapTold = true
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
  }
}
