import { isDeepStrictEqual } from 'node:util'

import type { Value } from '@keploy-framework/format'

import type { MockAnswer, MockMiss, MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { agreed } from './capabilities.ts'
import { readCommand, type Command } from './commands.ts'
import { decodeLogin, encodeGreeting, isSslRequest, type Greeting } from './handshake.ts'
import { confirms, encodeSwitch, FAST_AUTH, greetingOf, SALT, switchFor } from './login-server.ts'
import { encodeError, encodeOk, statusOf, type Tree } from './outcome.ts'
import { framePacket, PacketReader, packetsOf, type Packet } from './packets.ts'
import { encodePrepared, encodeResult, resultsOf } from './result-writer.ts'
import { Statements } from './statements.ts'
import { serverStatus } from './status.ts'

const LIMIT = 64 * 1024 * 1024
const SESSION_BITS = serverStatus.autocommit | serverStatus.inTransaction

interface Waiting {
  /** Takes the next payload of the client, which belongs to what is under way; true when it goes on with commands. */
  take(packet: Packet): boolean
}

/** Plays a server of MySQL or MariaDB with recorded answers. It takes every password. */
export class MysqlMockServer implements MockServer {
  readonly #options: MockServerOptions
  readonly #greeting: Greeting
  readonly #packets = new PacketReader(LIMIT)
  readonly #statements = new Statements(LIMIT)
  #capabilities = 0n
  #sequence = 0
  #waiting: Waiting | undefined
  #status: number = serverStatus.autocommit
  #nextStatement = 1
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = options
    this.#greeting = greetingOf(options.recorded)
    this.#waiting = { take: (packet) => this.#takeLogin(packet) }
    this.#send(encodeGreeting(this.#greeting, SALT))
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#packets.push(chunk)
    for (let packet = this.#packets.next(); packet !== undefined && !this.#closed; packet = this.#packets.next()) {
      if (packet === 'too-long') this.#refuse(1153, '08S01', `a packet is longer than ${LIMIT} bytes`)
      else this.#take(packet)
    }
  }

  end(): void {
    this.#close('end')
  }

  deliver(): void {
    // A server of this protocol says nothing by itself.
  }

  close(): void {
    this.#closed = true
  }

  #take(packet: Packet): void {
    this.#sequence = (packet.lastSequence + 1) & 0xff
    try {
      if (this.#waiting === undefined) this.#takeCommand(packet.payload)
      else if (this.#waiting.take(packet)) this.#waiting = undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unreadable'
      if (this.#waiting === undefined) this.#send(encodeError({ code: 1105, sqlState: 'HY000', message: reason }))
      else this.#refuse(1043, '08S01', reason)
    }
  }

  #takeLogin({ payload }: Packet): boolean {
    if (isSslRequest(payload)) {
      const rest = this.#packets.takeRest()
      this.#options.startTls(rest.length > 0 ? rest : undefined)
      return false
    }
    const login = decodeLogin(payload)
    this.#capabilities = agreed(this.#greeting.capabilities, login.capabilities)
    const { user, database } = login
    const request = { user, ...(database !== undefined && { database }), plugin: login.plugin }
    const answer = this.#options.answer({ operation: 'connect', request, lifetime: 'connection' })
    return this.#letIn(login.plugin, login.hasPassword, answer)
  }

  /** Goes through a login that is always right, in the packets that its plugin demands. True when it is over. */
  #letIn(plugin: string, hasPassword: boolean, answer: MockAnswer | MockMiss): boolean {
    const other = switchFor(plugin, answer)
    if (other === undefined) {
      if (confirms(plugin, hasPassword)) this.#send(FAST_AUTH)
      this.#finishLogin(answer)
      return true
    }
    this.#send(encodeSwitch(other))
    this.#waiting = {
      take: ({ payload }) => {
        if (confirms(other, payload.length > 1)) this.#send(FAST_AUTH)
        this.#finishLogin(answer)
        return true
      },
    }
    return false
  }

  #finishLogin(answer: MockAnswer | MockMiss): void {
    const response = answer.type === 'answer' && isTree(answer.response) ? answer.response : {}
    if (response['error'] !== undefined) {
      this.#send(encodeError(response['error']))
      this.#close('end')
      return
    }
    this.#status = statusOf(response['ok']) & SESSION_BITS
    this.#send(encodeOk(response['ok'], this.#capabilities, statusOf(response['ok'])))
  }

  #takeCommand(payload: Buffer): void {
    const command = readCommand(payload, this.#capabilities, this.#statements)
    if (command.quits === true) {
      this.#close('end')
      return
    }
    if (command.call === undefined || command.answer === undefined) return
    const answer = this.#options.answer(this.#ask(command))
    if (command.answer === 'login') {
      if (!this.#letIn(command.plugin ?? '', true, answer)) return
    } else if (answer.type === 'miss') this.#miss(command, answer.message)
    else this.#answer(command, answer)
    if (answer.type === 'answer' && answer.ended !== undefined) this.#close(answer.ended)
  }

  /** The request of a command; statements of mocks that only know the number of a statement are asked for by it. */
  #ask(command: Command): NonNullable<Command['call']> {
    const call = command.call!
    const { statement } = command
    if (statement === undefined || !isTree(call.request) || call.operation === 'fetch') return call
    const executed = this.#options.recorded('execute')
    if (executed.length === 0) return call
    const params = call.request['params'] ?? []
    for (const { request, response } of this.#options.recorded('prepare')) {
      if (!isTree(request) || !isDeepStrictEqual(request['prepare'], statement.sql) || !isTree(response)) continue
      const number = response['statement']
      if (number === undefined) continue
      const asked = { statement: number, params }
      const same = executed.some(
        (one) =>
          isTree(one.request) &&
          one.request['statement'] === number &&
          isDeepStrictEqual(one.request['params'], params),
      )
      if (same) return { operation: 'execute', request: asked, lifetime: 'test' }
    }
    return call
  }

  #answer(command: Command, { response, ended }: MockAnswer): void {
    const results = resultsOf(response)
    if (results.length === 0) {
      if (ended === undefined) this.#send(encodeOk({}, this.#capabilities, this.#status))
      return
    }
    const [first] = results
    if (first?.['infile'] !== undefined) {
      const name = first['infile']
      this.#send(
        Buffer.concat([
          Buffer.from([0xfb]),
          Buffer.from(typeof name === 'string' || name instanceof Uint8Array ? name : ''),
        ]),
      )
      this.#waiting = {
        take: (packet) => {
          if (packet.payload.length > 0) return false
          this.#sendResults(command, results)
          return true
        },
      }
      return
    }
    if (command.answer === 'prepare' && first !== undefined && first['error'] === undefined)
      this.#prepare(command, first)
    else this.#sendResults(command, results)
  }

  #prepare({ prepares }: Command, response: Tree): void {
    const id = this.#nextStatement++
    const list = (key: string): readonly Tree[] =>
      Array.isArray(response[key]) ? (response[key] as readonly Value[]).filter((one): one is Tree => isTree(one)) : []
    const columns = list('columns')
    this.#statements.add(id, { sql: prepares ?? '', columns, parameters: list('parameters').length })
    for (const payload of encodePrepared(response, id, this.#capabilities, this.#status)) this.#send(payload)
  }

  #sendResults(command: Command, results: readonly Tree[]): void {
    const { call, answer, statement } = command
    const keeps = call !== undefined && keepsStatus(call.operation, call.lifetime)
    const status = (recorded: number): number => {
      if (keeps) return (recorded & ~SESSION_BITS) | this.#status
      this.#status = recorded & SESSION_BITS
      return recorded
    }
    const rows = answer === 'binary-rows' || answer === 'fetch' ? 'binary' : 'text'
    const form = {
      capabilities: this.#capabilities,
      rows,
      status,
      ...(statement !== undefined && { known: statement.columns }),
    } as const
    for (const [index, result] of results.entries()) {
      for (const payload of encodeResult(result, index < results.length - 1, form)) this.#send(payload)
    }
    if (call?.operation === 'reset connection') this.#statements.clear()
  }

  #miss({ call, answer }: Command, message: string): void {
    if (call?.operation === 'ping' || call?.operation === 'set option' || call?.lifetime === 'connection') {
      if (call.operation === 'set option') this.#send(Buffer.from([0xfe, 0, 0, this.#status, 0]))
      else this.#send(encodeOk({}, this.#capabilities, this.#status))
      if (call.operation === 'reset connection') this.#statements.clear()
      return
    }
    if (call?.operation === 'reset statement') this.#send(encodeOk({}, this.#capabilities, this.#status))
    else if (answer === 'line') this.#send(Buffer.from(message))
    else this.#send(encodeError({ code: 1105, sqlState: 'HY000', message: message.slice(0, 500) }))
  }

  #refuse(code: number, sqlState: string, message: string): void {
    this.#send(encodeError({ code, sqlState, message }))
    this.#close('end')
  }

  #send(payload: Uint8Array): void {
    if (this.#closed) return
    this.#options.send(framePacket(payload, this.#sequence))
    this.#sequence = (this.#sequence + packetsOf(payload)) & 0xff
  }

  #close(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.close(how)
  }
}

/** Whether an answer may have been recorded in another state of the session than the live one, and must not change it. */
function keepsStatus(operation: string, lifetime: string): boolean {
  return (
    lifetime === 'session' ||
    (lifetime === 'connection' &&
      operation !== 'SET' &&
      operation !== 'change user' &&
      operation !== 'reset connection')
  )
}
