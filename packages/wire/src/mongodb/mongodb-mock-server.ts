import type { Value } from '@keploy-framework/format'

import { ByteQueue } from '../protocol/byte-queue.ts'
import type { MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { asValue, commandOf, isHello, lifetimeOf, operationOf, type CommandTree } from './command.ts'
import { helloReply } from './hello.ts'
import { Login } from './login.ts'
import { FLAGS, type MessageBody, type Tree } from './message.ts'
import { cursorIdOf, idleAnswer, idText, opensAwaitingCursor } from './mongodb-match.ts'
import { HEADER_LENGTH, readHeader, readMessage } from './read-message.ts'
import { writeMessage } from './write-message.ts'

/** What servers take at most. */
const MESSAGE_LIMIT = 48_000_000
const OK: Value = { $numberDouble: '1.0' }

/** Plays a server with recorded answers. Greetings, logins and what only keeps a connection up it answers by itself. */
export class MongodbMockServer implements MockServer {
  readonly #options: MockServerOptions
  readonly #queue = new ByteQueue()
  readonly #login: Login
  readonly #waiting = new Set<() => void>()
  #nextId = 1
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = options
    this.#login = new Login(options.credentials)
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#queue.push(chunk)
    while (!this.#closed) {
      const head = this.#queue.peek(HEADER_LENGTH)
      if (head === undefined) return
      const { length } = readHeader(head)
      if (length < HEADER_LENGTH || length > MESSAGE_LIMIT) return this.#end('end')
      const bytes = this.#queue.take(length)
      if (bytes === undefined) return
      const message = readMessage(bytes, MESSAGE_LIMIT)
      const command = message === undefined ? undefined : commandOf(message.body)
      if (message === undefined || command === undefined) return this.#end('end')
      this.#serve(message.requestId, message.body, command)
    }
  }

  end(): void {
    this.#end('end')
  }

  deliver(): void {
    // A server of MongoDB says nothing that it was not asked for.
  }

  close(): void {
    this.#closed = true
    for (const cancel of this.#waiting) cancel()
    this.#waiting.clear()
  }

  #serve(requestId: number, message: MessageBody, command: CommandTree): void {
    const raw = message.type === 'msg' ? message.body : message.type === 'query' ? message.query : {}
    const login = this.#login.answer(command.command, raw)
    if (login !== undefined) return void this.#reply(requestId, command, login)
    const request = this.#requestOf(command)
    const answer = this.#options.answer({ operation: operationOf(command), request, lifetime: lifetimeOf(command) })
    if (isHello(command.command)) {
      return this.#greet(requestId, command, answer.type === 'answer' ? answer.response : undefined)
    }
    if (answer.type === 'miss') return this.#miss(requestId, command, request, answer.message)
    if (answer.response !== undefined && command.unacknowledged !== true) {
      this.#replyAll(requestId, command, answer.response)
    }
    if (answer.ended !== undefined) this.#end(answer.ended)
  }

  /** The request as recordings have it; of a `getMore`, whether it waits for news. */
  #requestOf(command: CommandTree): Tree {
    const request = asValue(command)
    if (command.command !== 'getMore') return request
    const cursor = idText(command.body['getMore'])
    const opened = ['find', 'aggregate'].flatMap((operation) => this.#options.recorded(operation))
    const awaits = opened.some((call) => cursorIdOf(call.response) === cursor && opensAwaitingCursor(call.request))
    return awaits ? { ...request, awaitsData: true } : request
  }

  #miss(requestId: number, command: CommandTree, request: Tree, message: string): void {
    if (command.unacknowledged === true) return
    const idle = idleAnswer(request)
    if (idle !== undefined) {
      return this.#later(idle.afterMs, () => this.#replyAll(requestId, command, idle.response))
    }
    this.#reply(
      requestId,
      command,
      ownAnswer(command) ?? {
        ok: { $numberDouble: '0.0' },
        errmsg: message,
        code: 8000,
        codeName: 'KeployMockMiss',
      },
    )
  }

  /** Answers a greeting; one by which a client waits for changes of the deployment, when the time it waits is over. */
  #greet(requestId: number, command: CommandTree, recorded: Value | undefined): void {
    const { host, port } = this.#options.address
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    const known = recorded ?? this.#options.recorded('hello').find((call) => call.response !== undefined)?.response
    const reply = helloReply(known, command.body, address)
    const { maxAwaitTimeMS, topologyVersion } = command.body
    const wait = isTree(maxAwaitTimeMS) ? Number(maxAwaitTimeMS['$numberLong']) : Number(maxAwaitTimeMS)
    if (topologyVersion === undefined || !(wait > 0)) return void this.#reply(requestId, command, reply)
    const streams = command.exhaust === true
    const beat = (responseTo: number): void => {
      this.#later(wait, () => {
        const sent = this.#reply(responseTo, command, reply, streams)
        if (streams) beat(sent)
      })
    }
    beat(requestId)
  }

  /** Sends a recorded answer, or the answers of a stream, each of which refers to the one before. */
  #replyAll(requestId: number, command: CommandTree, response: Value): void {
    const stream = isTree(response) && response['ok'] === undefined ? response['stream'] : undefined
    const replies = Array.isArray(stream) ? (stream as readonly Value[]) : [response]
    let responseTo = requestId
    for (const [index, reply] of replies.entries()) {
      if (isTree(reply)) responseTo = this.#reply(responseTo, command, reply, index < replies.length - 1)
    }
  }

  #reply(responseTo: number, command: CommandTree, reply: Tree, more = false): number {
    const requestId = this.#nextId++
    const body: MessageBody =
      command.query === undefined
        ? { type: 'msg', flags: more ? FLAGS.moreToCome : 0, body: reply, sequences: [] }
        : { type: 'reply', flags: 8, cursor: 0n, startingFrom: 0, documents: [reply] }
    if (!this.#closed) this.#options.send(writeMessage({ requestId, responseTo, body }))
    return requestId
  }

  #later(delayMs: number, run: () => void): void {
    const cancel = this.#options.schedule(delayMs, () => {
      this.#waiting.delete(cancel)
      if (!this.#closed) run()
    })
    this.#waiting.add(cancel)
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.close()
    this.#options.close(how)
  }
}

/** The answer to what only keeps things up, where none was recorded. */
function ownAnswer({ command, body }: CommandTree): Tree | undefined {
  if (command === 'ping' || command === 'endSessions') return { ok: OK }
  if (command !== 'killCursors') return undefined
  return { cursorsKilled: body['cursors'] ?? [], cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [], ok: OK }
}
