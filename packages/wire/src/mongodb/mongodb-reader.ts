import type { Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import { ByteQueue } from '../protocol/byte-queue.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { asValue, cleanReply, commandOf, lifetimeOf, operationOf, type CommandTree } from './command.ts'
import { FLAGS, type Message, type Tree } from './message.ts'
import { HEADER_LENGTH, readHeader, readMessage } from './read-message.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
/** Requests without an answer that are kept at most. */
const PENDING_LIMIT = 10_000

interface Pending {
  readonly id: number
  readonly command: CommandTree
  readonly startedAt: number
  /** Answers of a stream so far. */
  readonly replies: Tree[]
  size: number
}

/** Reads a connection: commands are paired with answers by the number of the message. */
export class MongodbReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #limit: number
  readonly #queues = { client: new ByteQueue(), server: new ByteQueue() }
  /** By the number of the message that the next answer refers to. */
  readonly #pending = new Map<number, Pending>()
  /**
   * What answers refer to that are not told: the further ones of a stream of `hello`, and those to writes that want none,
   * which FerretDB sends.
   */
  readonly #untold = new Set<number>()
  #over = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    this.#limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    if (this.#over) return
    const queue = this.#queues[from]
    queue.push(chunk)
    for (;;) {
      const head = queue.peek(HEADER_LENGTH)
      if (head === undefined) return
      const { length } = readHeader(head)
      if (length < HEADER_LENGTH) return this.#gap(from, 'a message is shorter than its header', at)
      if (length > this.#limit) return this.#gap(from, `a message is longer than ${this.#limit} bytes`, at)
      const bytes = queue.take(length)
      if (bytes === undefined) return
      const message = readMessage(bytes, this.#limit)
      const problem = message === undefined ? 'a message is malformed' : this.#take(from, message, length, at)
      if (problem !== undefined) return this.#gap(from, problem, at)
    }
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'server') this.#finishAll('complete', at, 'end')
  }

  abort(at: number): void {
    this.#finishAll('aborted', at, 'reset')
    this.#over = true
  }

  stop(at: number): void {
    this.#finishAll('open', at)
    this.#over = true
  }

  #take(from: 'client' | 'server', message: Message, size: number, at: number): string | undefined {
    return from === 'client' ? this.#ask(message, size, at) : this.#answer(message, size, at)
  }

  #ask({ requestId, body }: Message, size: number, at: number): string | undefined {
    const command = commandOf(body)
    if (command === undefined) return 'an operation that servers dropped in version 6 was used'
    if (this.#pending.size >= PENDING_LIMIT) return `more than ${PENDING_LIMIT} requests have no answer`
    const id = this.#options.nextId()
    this.#emit({ type: 'open', id, at })
    const pending: Pending = { id, command, startedAt: at, replies: [], size }
    if (command.unacknowledged === true) {
      if (this.#untold.size >= PENDING_LIMIT) this.#untold.clear()
      this.#untold.add(requestId)
      this.#finish(pending, 'complete', at)
    } else {
      // A number that is used again: the older request gets no answer any more.
      const older = this.#pending.get(requestId)
      if (older !== undefined) this.#finish(older, 'aborted', at)
      this.#pending.set(requestId, pending)
    }
    return undefined
  }

  #answer({ requestId, responseTo, body }: Message, size: number, at: number): string | undefined {
    const more = body.type === 'msg' && (body.flags & FLAGS.moreToCome) !== 0
    if (this.#untold.delete(responseTo)) {
      if (more) this.#untold.add(requestId)
      return undefined
    }
    const pending = this.#pending.get(responseTo)
    if (pending === undefined) return 'an answer belongs to no request'
    const reply = body.type === 'msg' ? body.body : body.type === 'reply' ? body.documents[0] : undefined
    if (reply === undefined) return 'an answer holds no document'
    this.#pending.delete(responseTo)
    const operation = operationOf(pending.command)
    pending.replies.push(cleanReply(operation, reply))
    pending.size += size
    if (operation === 'hello' && more) this.#untold.add(requestId)
    else if (more) {
      if (pending.size > this.#limit) return `a stream of answers is longer than ${this.#limit} bytes`
      this.#pending.set(requestId, pending)
      return undefined
    }
    this.#finish(pending, 'complete', at)
    return undefined
  }

  #finishAll(state: 'complete' | 'open' | 'aborted', at: number, ended?: 'end' | 'reset'): void {
    for (const pending of this.#pending.values()) this.#finish(pending, state, at, ended)
    this.#pending.clear()
  }

  #finish(pending: Pending, state: 'complete' | 'open' | 'aborted', at: number, ended?: 'end' | 'reset'): void {
    const { id, command, replies, startedAt } = pending
    const response: Value | undefined = replies.length > 1 ? { stream: replies } : replies[0]
    this.#emit({
      type: 'call',
      call: {
        protocol: 'mongodb',
        id,
        connection: this.#options.connection,
        operation: operationOf(command),
        request: asValue(command),
        ...(response !== undefined && { response }),
        lifetime: lifetimeOf(command),
        ...(ended !== undefined && { ended }),
        state,
        startedAt,
        endedAt: at,
      },
    })
  }

  #gap(from: 'client' | 'server', reason: string, at: number): void {
    this.#over = true
    this.#queues.client.takeAll()
    this.#queues.server.takeAll()
    this.#finishAll('aborted', at)
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason: `MongoDB: ${reason}`, at })
  }
}
