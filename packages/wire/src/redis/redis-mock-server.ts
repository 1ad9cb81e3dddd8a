import { isDeepStrictEqual } from 'node:util'

import type { Value } from '@keploy-framework/format'

import type { MockAnswer, MockMiss, MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { adaptReply } from './adapt-reply.ts'
import { namesServers, replaceAddresses } from './addresses.ts'
import { idleOf } from './blocking.ts'
import { CommandParser, type Word } from './command-parser.ts'
import { asRequest, lifetimeOf, operationOf, requestOf, usesDatabase, type RedisRequest } from './command.ts'
import { matchKey } from './match-key.ts'
import { ownAnswer } from './own-answers.ts'
import { channelKey, isSubscription, Subscriptions } from './pubsub.ts'
import { encodedReply } from './reply-cache.ts'
import { ReplyMode } from './reply-mode.ts'
import { textOf } from './text-of.ts'

/** Redis takes strings up to this size by default (`proto-max-bulk-len`). */
const MESSAGE_LIMIT = 512 * 1024 * 1024
/** What a timer of Node can wait at most; what waits longer waits for ever. */
const LONGEST_WAIT_MS = 2 ** 31 - 1
const QUEUED: Value = { status: 'QUEUED' }
const OK: Value = { status: 'OK' }
const ENDS_TRANSACTION = new Set(['EXEC', 'DISCARD', 'RESET', 'QUIT'])

/**
 * Answers commands in the order in which they came: a blocking one without an answer holds up those behind it. Set-up that
 * was not recorded is answered by itself, and so is all of a transaction but its `EXEC`.
 */
export class RedisMockServer implements MockServer {
  readonly #options: MockServerOptions
  readonly #commands = new CommandParser(MESSAGE_LIMIT)
  readonly #subscriptions = new Subscriptions()
  readonly #mode = new ReplyMode()
  #version: 2 | 3 = 2
  #db = 0
  #name = ''
  #transaction: RedisRequest[] | undefined
  #silent = false
  #output: Uint8Array[] = []
  #busy = false
  #cancelWait: (() => void) | undefined
  #waiting = false
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = options
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#commands.push(chunk)
    this.#work()
  }

  end(): void {
    this.#end('end')
  }

  deliver(message: Value): void {
    if (this.#closed) return
    const items = isTree(message) ? message['push'] : message
    // In RESP2 only messages of channels can be told between replies.
    if (this.#version === 2 && Array.isArray(items) && !/^[ps]?message$/.test(String(items[0]))) return
    const form = Array.isArray(items) ? { push: items as readonly Value[] } : message
    this.#write(this.#withOwnAddress('', form))
    if (!this.#busy) this.#flush()
  }

  close(): void {
    this.#closed = true
    this.#output = []
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  #work(): void {
    if (this.#busy) return
    this.#busy = true
    while (!this.#closed && !this.#waiting) {
      const words = this.#commands.next()
      if (words === undefined) break
      this.#handle(words)
    }
    if (!this.#closed && !this.#waiting && this.#commands.broken !== undefined) {
      this.#write({ error: `ERR Protocol error: ${this.#commands.broken}` })
      this.#end('end')
    }
    this.#busy = false
    this.#flush()
  }

  #handle(words: readonly Word[]): void {
    const operation = operationOf(words)
    this.#silent = this.#mode.silences(operation, words)
    const request = requestOf(operation, words)
    if (this.#transaction !== undefined && this.#inTransaction(operation, request, this.#transaction)) return
    if (operation === 'MULTI') {
      this.#transaction = []
      return this.#reply(OK)
    }
    if (isSubscription(operation)) return this.#subscribe(operation, request)
    const asked = this.#withDatabase(operation, request)
    const answer = this.#ask(operation, asked)
    if (answer.type === 'answer') this.#give(operation, asked, answer)
    else this.#giveNothing(operation, asked, answer)
  }

  /** Queues a command, or ends the transaction; false when the command goes its usual way. */
  #inTransaction(operation: string, request: RedisRequest, queued: RedisRequest[]): boolean {
    if (!ENDS_TRANSACTION.has(operation)) {
      const refused = this.#refusal(operation, request)
      if (refused === undefined) {
        queued.push(request)
        this.#reply(QUEUED)
      } else this.#give(operation, request, refused)
      return true
    }
    this.#transaction = undefined
    if (operation !== 'EXEC' && operation !== 'DISCARD') return false
    const asked = this.#withDatabase(operation, { ...request, commands: queued })
    const answer = this.#ask(operation, asked)
    if (answer.type === 'answer') {
      this.#give(operation, asked, answer)
      if (Array.isArray(answer.response))
        for (const command of queued) this.#noteState(operationOf([command.command, ...command.args]), command)
    } else this.#reply(operation === 'DISCARD' ? OK : missOf(answer))
    return true
  }

  /** The recorded answer to a command that was not queued in a transaction but refused. */
  #refusal(operation: string, request: RedisRequest): MockAnswer | undefined {
    const refused: RedisRequest = { ...request, transaction: true }
    const key = matchKey(refused)
    const recorded = this.#options.recorded(operation)
    if (
      !recorded.some(
        (call) =>
          isTree(call.request) &&
          call.request['transaction'] === true &&
          isDeepStrictEqual(matchKey(call.request), key),
      )
    ) {
      return undefined
    }
    const answer = this.#ask(operation, refused)
    return answer.type === 'answer' ? answer : undefined
  }

  #ask(operation: string, request: RedisRequest): MockAnswer | MockMiss {
    return this.#options.answer({ operation, request, lifetime: lifetimeOf(operation) })
  }

  #withDatabase(operation: string, request: RedisRequest): RedisRequest {
    return this.#db !== 0 && usesDatabase(operation) ? { ...request, db: this.#db } : request
  }

  #give(operation: string, request: RedisRequest, answer: MockAnswer): void {
    let { response } = answer
    if (operation === 'AUTH' || operation === 'HELLO') response = this.#login(operation, request, response)
    else if (operation === 'PING' && !isError(response)) response = this.#pong(request)
    if (response !== undefined) {
      if (!isError(response)) this.#noteState(operation, request)
      this.#reply(this.#fit(operation, request, response))
    } else if (answer.ended === undefined) {
      const idle = idleOf(request)
      if (idle !== undefined) return this.#wait(idle)
    }
    if (answer.ended !== undefined) this.#end(answer.ended)
    else if (operation === 'QUIT') this.#end('end')
  }

  #giveNothing(operation: string, request: RedisRequest, miss: MockMiss): void {
    const idle = idleOf(request)
    if (idle !== undefined) return this.#wait(idle)
    const connection = { version: this.#version, name: this.#name }
    const own = ownAnswer(operation, request, connection)
    if (own === undefined) this.#reply(missOf(miss))
    else this.#give(operation, request, { type: 'answer', response: own })
  }

  /** Who logs in is accepted: no password was recorded that it could be compared with. */
  #login(operation: string, request: RedisRequest, response: Value | undefined): Value | undefined {
    const refused = isTree(response) && /^WRONGPASS|^NOAUTH/.test(textOf(response['error']))
    if (!refused) return response
    return ownAnswer(operation, request, { version: this.#version, name: this.#name })
  }

  #pong(request: RedisRequest): Value {
    const text = request.args[0]
    if (this.#version === 2 && this.#subscriptions.active) return ['pong', text ?? '']
    return text ?? PONG
  }

  #noteState(operation: string, request: RedisRequest): void {
    if (operation === 'SELECT') {
      const db = Number(request.args[0])
      if (Number.isSafeInteger(db)) this.#db = db
    } else if (operation === 'HELLO' && request.args.length > 0) {
      this.#version = request.args[0] === '3' ? 3 : 2
    } else if (operation === 'CLIENT SETNAME') {
      this.#name = String(request.args[1] ?? '')
    } else if (operation === 'RESET') {
      this.#version = 2
      this.#db = 0
      this.#name = ''
      this.#subscriptions.clear()
    }
  }

  /** Confirmations are counted here: other channels may be subscribed than when it was recorded. */
  #subscribe(operation: string, request: RedisRequest): void {
    const answer = this.#ask(operation, request)
    const leaves = operation.includes('UNSUBSCRIBE')
    if (answer.type === 'answer' && (isError(answer.response) || answer.ended !== undefined))
      return this.#give(operation, request, answer)
    if (answer.type === 'miss' && !leaves && !this.#wasSubscribed(operation, request))
      return this.#reply(missOf(answer))
    const names = this.#subscriptions.of(operation)
    const kind = operation.toLowerCase()
    const channels: (Word | null)[] =
      leaves && request.args.length === 0 ? [...names].map((key) => wordOfKey(key)) : [...request.args]
    if (channels.length === 0) channels.push(null)
    for (const channel of channels) {
      if (leaves) names.delete(channelKey(channel))
      else names.add(channelKey(channel))
      this.#reply({ push: [kind, channel, this.#subscriptions.count(operation)] })
    }
  }

  /** Whether every channel was subscribed in the recording, if not with this very command: drivers subscribe again at once. */
  #wasSubscribed(operation: string, request: RedisRequest): boolean {
    const known = new Set(
      this.#options
        .recorded(operation)
        .flatMap((call) => (asRequest(call.request)?.args ?? []).map((arg) => channelKey(arg))),
    )
    return request.args.every((arg) => known.has(channelKey(arg)))
  }

  #wait({ response, afterMs }: { readonly response: Value; readonly afterMs: number }): void {
    this.#waiting = true
    if (afterMs > LONGEST_WAIT_MS) return
    this.#cancelWait = this.#options.schedule(afterMs, () => {
      this.#cancelWait = undefined
      this.#waiting = false
      if (this.#closed) return
      this.#reply(response)
      this.#work()
    })
  }

  #fit(operation: string, request: RedisRequest, response: Value): Value {
    return this.#withOwnAddress(operation, adaptReply(operation, request, response, this.#version))
  }

  #withOwnAddress(operation: string, response: Value): Value {
    const names = namesServers(operation) || (isTree(response) && ('error' in response || 'push' in response))
    return names ? replaceAddresses(operation, response, () => this.#options.address) : response
  }

  #reply(response: Value): void {
    if (!this.#silent) this.#write(response)
  }

  #write(response: Value): void {
    this.#output.push(encodedReply(response, this.#version))
  }

  #flush(): void {
    const output = this.#output
    if (output.length === 0 || this.#closed) return
    this.#output = []
    this.#options.send(output.length === 1 ? (output[0] as Uint8Array) : Buffer.concat(output))
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.#flush()
    this.close()
    this.#options.close(how)
  }
}

const PONG: Value = { status: 'PONG' }

function isError(response: Value | undefined): boolean {
  return isTree(response) && ('error' in response || 'blobError' in response)
}

function missOf({ message }: MockMiss): Value {
  return { error: `ERR keploy: ${message.replaceAll(/[\r\n]+/g, ' ')}` }
}

function wordOfKey(key: string): Word {
  return key.startsWith('bytes ') ? new Uint8Array(Buffer.from(key.slice(6), 'hex')) : key.slice(5)
}
