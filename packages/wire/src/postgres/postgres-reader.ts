import type { ConnectionCodec } from '../codec.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { ConnectReader } from './connect-reader.ts'
import { MessageSplitter, type Message } from './message-splitter.ts'
import { isReplication, readStartup } from './startup.ts'
import { StatementReader } from './statement-reader.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
const TLS_HANDSHAKE = 0x16

/** Reads a connection: first how it is set up, then statements and their answers. */
export class PostgresReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #client: MessageSplitter
  readonly #server: MessageSplitter
  readonly #statements: StatementReader
  #connect: ConnectReader | undefined
  #phase: 'startup' | 'connecting' | 'ready' | 'over' = 'startup'
  /** Requests for encryption that the server has not answered. */
  #encryption = 0
  /** Whether the server said anything but answers to requests for encryption. */
  #spoke = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    const limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    this.#client = new MessageSplitter(limit)
    this.#server = new MessageSplitter(limit)
    this.#statements = new StatementReader(options, limit, emit)
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    if (this.#phase === 'over') return
    const side = from === 'client' ? this.#client : this.#server
    side.push(chunk)
    const problem = (from === 'client' ? this.#readClient(at) : this.#readServer(at)) ?? side.problem
    if (problem !== undefined) this.#gap(from, problem, at)
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'server') this.#finish('aborted', at, 'end')
  }

  abort(at: number): void {
    this.#finish('aborted', at)
  }

  stop(at: number): void {
    this.#finish('open', at)
  }

  #finish(state: 'open' | 'aborted', at: number, ended?: 'end'): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#connect?.finish(state, at)
    this.#statements.finish(state, at, ended)
  }

  #gap(from: 'client' | 'server', reason: string, at: number): void {
    this.#finish('aborted', at)
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
  }

  #readClient(at: number): string | undefined {
    while (this.#phase !== 'over') {
      if (this.#phase === 'startup' && this.#client.peek() === TLS_HANDSHAKE) return 'TLS begins within the connection'
      const typed = this.#phase !== 'startup'
      const message = this.#client.next(typed)
      if (message === undefined) return undefined
      const problem = typed ? this.#fromClient(message, at) : this.#startup(message.body, at)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  #startup(body: Buffer, at: number): string | undefined {
    const startup = readStartup(body)
    if (startup === undefined) return 'the first message is none of Postgres'
    if (startup.type === 'ssl' || startup.type === 'gss') {
      this.#encryption++
      return undefined
    }
    if (startup.type === 'cancel') {
      this.#phase = 'over'
      const { connection } = this.#options
      const id = this.#options.nextId()
      this.#emit({ type: 'open', id, at })
      const content = {
        protocol: 'postgres',
        operation: 'cancel',
        request: { cancel: true },
        lifetime: 'session',
        ended: 'end',
      } as const
      this.#emit({ type: 'call', call: { ...content, id, connection, state: 'complete', startedAt: at, endedAt: at } })
      return undefined
    }
    if (isReplication(startup.parameters)) return 'a connection for replication is not read'
    this.#phase = 'connecting'
    this.#connect = new ConnectReader(startup, this.#options, at, this.#emit)
    return undefined
  }

  #fromClient(message: Message, at: number): string | undefined {
    if (message.letter === 'p' && this.#phase === 'connecting') return undefined
    return this.#statements.fromClient(message, at)
  }

  #readServer(at: number): string | undefined {
    while (this.#phase !== 'over') {
      const byte = this.#server.peek()
      if (byte === undefined) return undefined
      if (this.#encryption > 0) {
        const isAnswer = byte === 0x53 || byte === 0x4e || byte === 0x47
        this.#encryption = isAnswer ? this.#encryption - 1 : 0
        if (isAnswer) {
          this.#server.skipByte()
          continue
        }
      }
      // A relay asks for encryption by itself. The length of a message that is no such answer begins with 0.
      if (!this.#spoke && (byte === 0x53 || byte === 0x4e)) {
        const second = this.#server.peekSecond()
        if (second === undefined) return undefined
        if (second !== 0) this.#server.skipByte()
      }
      const message = this.#server.next(true)
      if (message === undefined) return undefined
      this.#spoke = true
      const problem = this.#fromServer(message, at)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  #fromServer(message: Message, at: number): string | undefined {
    if (this.#phase === 'startup') return 'the server speaks before the client'
    if (this.#connect === undefined) return this.#statements.fromServer(message, at)
    const step = this.#connect.read(message, at)
    if (step === 'ready') {
      this.#phase = 'ready'
      this.#connect = undefined
    } else if (step === 'refused') {
      this.#connect = undefined
      this.#finish('aborted', at)
    } else if (step !== 'more') return step.problem
    return undefined
  }
}
