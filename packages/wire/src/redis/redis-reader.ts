import type { Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'
import { CommandParser, type Word } from './command-parser.ts'
import { lifetimeOf, operationOf, requestOf, usesDatabase, wordsOf, type RedisRequest } from './command.ts'
import { PendingQueue, type Pending, type Transaction } from './pending-queue.ts'
import { isSubscription, noteConfirmation, pushOf, Subscriptions } from './pubsub.ts'
import { ReplyMode } from './reply-mode.ts'
import { ReplyParser, type RespVersion } from './reply-parser.ts'
import { withoutSecrets } from './secret-replies.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
/** Commands after which a connection is no conversation any more. */
const UNREADABLE = new Set(['MONITOR', 'SYNC', 'PSYNC'])
const ENDS_TRANSACTION = new Set(['EXEC', 'DISCARD', 'RESET', 'QUIT'])

type Ending = {
  readonly response?: Value
  readonly state?: 'complete' | 'open' | 'aborted'
  readonly ended?: 'end' | 'reset'
}

/** What of a Redis connection is known before its first byte, for conversations that are read from a file. */
export interface RedisReaderState {
  readonly version?: RespVersion
  readonly db?: number
}

/**
 * Reads a connection as commands and their replies. A transaction is one call: `EXEC` or `DISCARD`, with what was queued as
 * `commands`. The selected database stands in the request as `db` unless it is 0.
 */
export class RedisReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #limit: number
  readonly #commands: CommandParser
  readonly #replies: ReplyParser
  #version: RespVersion
  readonly #subscriptions = new Subscriptions()
  readonly #mode = new ReplyMode()
  readonly #pending = new PendingQueue()
  #db: number
  #queueing = false
  #transaction: Transaction | undefined
  #begunAt: number | undefined
  #last: number | undefined
  #clientEnded = false
  #over = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void, state: RedisReaderState = {}) {
    this.#options = options
    this.#emit = emit
    this.#limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    this.#commands = new CommandParser(this.#limit)
    this.#version = state.version ?? 2
    this.#replies = new ReplyParser(this.#limit, this.#version)
    this.#db = state.db ?? 0
  }

  /** Whether a command or a reply has begun and is not whole. */
  get partial(): boolean {
    return this.#commands.partial || this.#replies.partial
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    if (this.#over || chunk.length === 0) return
    if (from === 'client') this.#readCommands(chunk, at)
    else this.#readReplies(chunk, at)
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'client') this.#clientEnded = true
    else if (this.#clientEnded) this.#finishAll(at, 'aborted', {})
    else this.#finishAll(at, 'aborted', { state: 'complete', ended: 'end' })
  }

  abort(at: number): void {
    this.#finishAll(at, 'aborted', { state: 'aborted', ended: 'reset' })
    this.#over = true
  }

  stop(at: number): void {
    this.#finishAll(at, 'open', {})
    this.#over = true
  }

  #readCommands(chunk: Uint8Array, at: number): void {
    const parser = this.#commands
    parser.push(chunk)
    let startedAt = this.#begunAt ?? at
    for (let words = parser.next(); words !== undefined; words = parser.next()) {
      this.#onCommand(words, startedAt, parser.size)
      if (this.#over) return
      startedAt = at
    }
    this.#begunAt = parser.partial ? startedAt : undefined
    if (parser.broken !== undefined) this.#gap('client', parser.broken, at)
  }

  #onCommand(words: readonly Word[], at: number, size: number): void {
    const operation = operationOf(words)
    if (UNREADABLE.has(operation))
      return this.#gap('client', `${operation} turns the connection into a stream that is not recorded`, at)
    if (this.#pending.bytes + size > this.#limit * 4)
      return this.#gap('client', 'too many commands wait for a reply', at)
    const silent = this.#mode.silences(operation, words)
    const queued = this.#queueing
    if (operation === 'MULTI') this.#queueing = true
    else if (ENDS_TRANSACTION.has(operation)) this.#queueing = false
    const id = queued && operation !== 'QUIT' && operation !== 'RESET' ? undefined : this.#open(at)
    this.#pending.push({
      id,
      operation,
      request: requestOf(operation, words),
      startedAt: at,
      silent,
      size,
      replies: [],
    })
    this.#passSilent(at)
  }

  #open(at: number): number {
    const id = this.#options.nextId()
    this.#emit({ type: 'open', id, at })
    return id
  }

  #readReplies(chunk: Uint8Array, at: number): void {
    const parser = this.#replies
    parser.push(chunk)
    for (let reply = parser.next(); reply !== undefined; reply = parser.next()) this.#onReply(reply, at)
    if (parser.broken !== undefined) this.#gap('server', parser.broken, at)
  }

  #onReply(reply: Value, at: number): void {
    const head = this.#pending.head
    // RESP2 has no type for what the server says by itself: there it is an array, where one cannot be a reply.
    const arrays =
      this.#version !== 3 && (this.#subscriptions.active || head === undefined || isSubscription(head.operation))
    const pushed = pushOf(reply, arrays)
    if (pushed !== undefined) {
      const confirms = head !== undefined && head.operation.toLowerCase() === pushed.kind
      const expected = confirms ? this.#expected(head) : 0
      noteConfirmation(this.#subscriptions, pushed.kind, pushed.items[1])
      if (confirms) this.#confirm(head, pushed.items, expected, at)
      else this.#onOwn(pushed.kind, { push: pushed.items }, at)
      return
    }
    if (head === undefined) return this.#onOwn('reply', reply, at)
    this.#pending.shift()
    this.#finish(head, reply, at)
    this.#passSilent(at)
  }

  /** How many confirmations a command gets, as far as is known when the first one comes. */
  #expected(head: Pending): number {
    const named = head.request.args.length
    return named > 0 ? named : Math.max(1, head.replies.length + this.#subscriptions.of(head.operation).size)
  }

  #confirm(head: Pending, items: readonly Value[], expected: number, at: number): void {
    head.replies.push({ push: items })
    if (head.replies.length < expected) return
    this.#pending.shift()
    const [only] = head.replies
    this.#complete(head, { response: head.replies.length === 1 ? (only as Value) : { replies: head.replies } }, at)
    this.#passSilent(at)
  }

  #onOwn(operation: string, response: Value, at: number): void {
    const id = this.#open(at)
    const after = this.#last
    this.#tell(id, operation, null, at, at, { response }, 'test', after)
  }

  /** What a reply means for what comes after it, and the call that it ends. */
  #finish(head: Pending, reply: Value, at: number): void {
    const { operation, request } = head
    const failed = isTree(reply) && ('error' in reply || 'blobError' in reply)
    const transaction = this.#transaction
    if (operation === 'MULTI' && !failed && transaction === undefined) {
      this.#transaction = { id: head.id ?? this.#open(at), startedAt: head.startedAt, commands: [] }
      return
    }
    if (transaction !== undefined && isTree(reply) && reply['status'] === 'QUEUED') {
      transaction.commands.push(request)
      return
    }
    if (transaction !== undefined && !ENDS_TRANSACTION.has(operation)) {
      return this.#complete({ ...head, request: { ...request, transaction: true } }, { response: reply }, at)
    }
    if (transaction !== undefined) this.#transaction = undefined
    if (transaction !== undefined && (operation === 'EXEC' || operation === 'DISCARD')) {
      const { id, startedAt, commands } = transaction
      this.#complete({ ...head, id, startedAt, request: { ...request, commands } }, { response: reply }, at)
      if (Array.isArray(reply)) for (const command of commands) this.#noteState(operationOf(wordsOf(command)), command)
      return
    }
    if (transaction !== undefined) this.#abandon(transaction, at)
    this.#complete(head, { response: withoutSecrets(operation, reply) }, at)
    if (!failed) this.#noteState(operation, request)
  }

  #noteState(operation: string, request: RedisRequest): void {
    if (operation === 'SELECT') {
      const db = Number(request.args[0])
      if (Number.isSafeInteger(db)) this.#db = db
    } else if (operation === 'RESET') {
      this.#db = 0
      this.#subscriptions.clear()
      this.#setVersion(2)
    } else if (operation === 'HELLO' && request.args.length > 0) {
      this.#setVersion(request.args[0] === '3' ? 3 : 2)
    }
  }

  #setVersion(version: 2 | 3): void {
    if (this.#version === 'any') return
    this.#version = version
    this.#replies.version = version
  }

  /** A transaction that neither `EXEC` nor `DISCARD` ended. */
  #abandon({ id, startedAt, commands }: Transaction, at: number, ending: Ending = {}): void {
    this.#tell(id, 'MULTI', { command: 'MULTI', args: [], commands }, startedAt, at, ending, 'test')
  }

  #complete(head: Pending, ending: Ending, at: number): void {
    const { operation, request, startedAt } = head
    const id = head.id ?? this.#open(at)
    const db = this.#db !== 0 && usesDatabase(operation) && !isSubscription(operation) ? { db: this.#db } : {}
    this.#tell(id, operation, { ...request, ...db }, startedAt, at, ending, lifetimeOf(operation))
  }

  #tell(
    id: number,
    operation: string,
    request: Value,
    startedAt: number,
    endedAt: number,
    { response, state = 'complete', ended }: Ending,
    lifetime: 'connection' | 'session' | 'test',
    after?: number,
  ): void {
    this.#last = id
    this.#emit({
      type: 'call',
      call: {
        protocol: 'redis',
        id,
        connection: this.#options.connection,
        operation,
        request,
        ...(response !== undefined && { response }),
        lifetime,
        state,
        startedAt,
        endedAt,
        ...(ended !== undefined && { ended }),
        ...(after !== undefined && { after }),
      },
    })
  }

  /** Ends the commands at the head that get no reply. */
  #passSilent(at: number): void {
    for (let head = this.#pending.head; head?.silent === true; head = this.#pending.head) {
      this.#pending.shift()
      this.#complete(head, {}, at)
    }
  }

  /** Ends what is open: the first one as the connection ended, the others in a state. */
  #finishAll(at: number, state: 'open' | 'aborted', first: Ending): void {
    let ending: Ending = { state, ...first }
    const transaction = this.#transaction
    this.#transaction = undefined
    if (transaction !== undefined) {
      this.#abandon(transaction, at, ending)
      ending = { state }
    }
    for (const head of this.#pending.takeAll()) {
      // What was sent to be queued belongs to a transaction that never came about.
      if (head.id === undefined) continue
      this.#complete(head, ending, at)
      ending = { state }
    }
  }

  #gap(from: 'client' | 'server', reason: string, at: number): void {
    if (this.#over) return
    this.#finishAll(at, 'aborted', {})
    this.#over = true
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
  }
}
