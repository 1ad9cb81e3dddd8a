import type { Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import type { CallEvent, ReadCall, ReaderOptions } from '../protocol/protocol.ts'
import { PacketEnd } from './byte-cursor.ts'
import { capability, has } from './capabilities.ts'
import { readCommand, type Command } from './commands.ts'
import { Inflater } from './inflater.ts'
import { LoginReader } from './login-reader.ts'
import { decodeError, decodeOk } from './outcome.ts'
import { PacketReader, type Packet } from './packets.ts'
import { ResultReader } from './result-reader.ts'
import { Statements } from './statements.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
const NO_CALLS = new Set([0x01, 0x18, 0x19])

type Side = 'client' | 'server'

/** A command under way, in the order in which they were sent. */
interface Pending {
  /** Absent: it is no call. */
  readonly id?: number
  readonly startedAt: number
  readonly payload: Buffer
  command?: Command
  result?: ResultReader
  size: number
}

/** Reads a connection to a server of MySQL or MariaDB, from its greeting on. */
export class MysqlReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #limit: number
  readonly #packets: Record<Side, PacketReader>
  readonly #statements: Statements
  #inflaters: Record<Side, Inflater> | undefined
  #login: LoginReader | undefined = new LoginReader()
  #loginId: number | undefined
  #loginAt = 0
  #capabilities = 0n
  #pending: Pending[] = []
  #over = false
  #mayBeTls = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    this.#limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    this.#packets = { client: new PacketReader(this.#limit), server: new PacketReader(this.#limit) }
    this.#statements = new Statements(this.#limit)
  }

  push(from: Side, chunk: Uint8Array, at: number): void {
    if (this.#over || chunk.length === 0) return
    try {
      if (from === 'client' && this.#mayBeTls) {
        this.#mayBeTls = false
        if (isTls(chunk)) throw new PacketEnd('TLS, which was not ended by the relay')
      }
      for (const piece of this.#inflaters?.[from].push(chunk) ?? [chunk]) this.#packets[from].push(piece)
      this.#pump(from, at)
    } catch (error) {
      this.#gap(from, error instanceof Error ? error.message : 'unreadable', at)
    }
  }

  end(from: Side, at: number): void {
    if (from === 'server') this.#finishAll('aborted', at, 'end')
  }

  abort(at: number): void {
    this.#finishAll('aborted', at, 'reset')
    this.#over = true
  }

  stop(at: number): void {
    this.#finishAll('open', at)
    this.#over = true
  }

  #pump(from: Side, at: number): void {
    for (;;) {
      const login = this.#login
      if (login !== undefined && login.turn !== 'either' && login.turn !== from) {
        // The login of a client that did not wait for the greeting stays where it is until the greeting has come.
        return
      }
      const packet = this.#packets[from].next()
      if (packet === 'too-long') throw new PacketEnd(`a message is longer than ${this.#limit} bytes`)
      if (packet === undefined) return
      if (login !== undefined) this.#takeLogin(login, from, packet, at)
      else if (from === 'client') this.#takeCommand(packet, at)
      else this.#takeAnswer(packet, at)
    }
  }

  #takeLogin(login: LoginReader, from: Side, packet: Packet, at: number): void {
    if (this.#loginId === undefined) this.#openLogin(at)
    if (from === 'client') {
      const before = login.tls
      login.fromClient(packet.payload)
      if (login.tls && !before) this.#skipTls()
      return
    }
    const greeted = login.turn !== 'server'
    const state = login.fromServer(packet.payload)
    if (state === 'more') {
      if (!greeted) this.#pump('client', at)
      return
    }
    this.#login = undefined
    this.#capabilities = login.capabilities
    this.#emitCall(this.#loginId as number, this.#loginAt, at, 'complete', {
      operation: 'connect',
      request: login.request,
      response: login.response,
      lifetime: 'connection',
    })
    this.#loginId = undefined
    if (state === 'in') this.#startCompression()
  }

  #openLogin(at: number): void {
    this.#loginId = this.#options.nextId()
    this.#loginAt = at
    this.#emit({ type: 'open', id: this.#loginId, at })
  }

  /** Beginnings of TLS may come with the packet that announces it; what is read from here on is plain text again. */
  #skipTls(): void {
    const rest = this.#packets.client.takeRest()
    if (isTls(rest)) return
    this.#packets.client.push(rest)
    this.#mayBeTls = rest.length === 0
  }

  #startCompression(): void {
    const zlib = has(this.#capabilities, capability.compress)
    if (!zlib && !has(this.#capabilities, capability.zstd)) return
    const method = zlib ? 'zlib' : 'zstd'
    this.#inflaters = { client: new Inflater(method), server: new Inflater(method) }
    for (const side of ['client', 'server'] as const) {
      const rest = this.#packets[side].takeRest()
      for (const piece of this.#inflaters[side].push(rest)) this.#packets[side].push(piece)
    }
  }

  #takeCommand({ payload, sequence }: Packet, at: number): void {
    const head = this.#pending[0]
    if (head?.result?.wantsFile === true) {
      if (payload.length === 0) head.result.wantsFile = false
      return
    }
    if (head?.command?.answer === 'login' && sequence !== 0) return
    if (NO_CALLS.has(payload[0] as number)) {
      this.#pending.push({ startedAt: at, payload, size: 0 })
    } else {
      const id = this.#options.nextId()
      this.#pending.push({ id, startedAt: at, payload, size: 0 })
      this.#emit({ type: 'open', id, at })
    }
    if (this.#pending.length > 10_000) throw new PacketEnd('too many commands without an answer')
    this.#readHead()
  }

  /** Reads the command at the head, which may need what the answers before it told. */
  #readHead(): void {
    for (let head = this.#pending[0]; head !== undefined && head.command === undefined; head = this.#pending[0]) {
      const command = readCommand(head.payload, this.#capabilities, this.#statements)
      head.command = command
      if (command.answer === undefined) {
        this.#pending.shift()
        continue
      }
      const shape = command.answer === 'login' ? 'ok' : command.answer
      head.result = new ResultReader(shape, this.#capabilities, command.statement?.columns)
    }
  }

  #takeAnswer({ payload }: Packet, at: number): void {
    const head = this.#pending[0]
    // A server says by itself only why it ends the connection.
    if (head?.command === undefined || head.result === undefined) {
      if (payload[0] === 0xff) return
      throw new PacketEnd('an answer to nothing')
    }
    head.size += payload.length
    if (head.size > this.#limit) throw new PacketEnd(`an answer is longer than ${this.#limit} bytes`)
    if (head.command.answer === 'login') this.#takeChangeUser(head, payload, at)
    else if (head.result.push(payload)) this.#finishHead(head, head.result.response, at)
  }

  #takeChangeUser(head: Pending, payload: Buffer, at: number): void {
    if (payload[0] === 0) this.#finishHead(head, { ok: decodeOk(payload, this.#capabilities).tree }, at)
    else if (payload[0] === 0xff) this.#finishHead(head, { error: decodeError(payload) }, at)
    else if (payload[0] !== 0xfe && payload[0] !== 1) throw new PacketEnd('a packet that is no part of a login')
  }

  #finishHead(head: Pending, response: Value, at: number): void {
    const { command, result } = head
    if (command?.prepares !== undefined && result?.statementId !== undefined) {
      const { columns, parameters } = result
      this.#statements.add(result.statementId, { sql: command.prepares, columns, parameters: parameters.length })
    }
    if (command?.call?.operation === 'reset connection') this.#statements.clear()
    this.#pending.shift()
    if (head.id !== undefined && command?.call !== undefined) {
      this.#emitCall(head.id, head.startedAt, at, 'complete', { ...command.call, response })
    }
    this.#readHead()
  }

  #gap(from: Side, reason: string, at: number): void {
    this.#finishAll('aborted', at)
    this.#over = true
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
  }

  #finishAll(state: 'aborted' | 'open', at: number, ended?: 'end' | 'reset'): void {
    if (this.#loginId !== undefined && this.#login !== undefined) {
      const { request, response } = this.#login
      this.#emitCall(this.#loginId, this.#loginAt, at, state, {
        operation: 'connect',
        request,
        response,
        lifetime: 'connection',
        ...(ended !== undefined && { ended }),
      })
      this.#loginId = undefined
    }
    for (const { id, startedAt, command } of this.#pending.splice(0)) {
      if (id === undefined) continue
      const call = command?.call ?? { operation: 'unknown', request: {}, lifetime: 'test' as const }
      this.#emitCall(id, startedAt, at, state, { ...call, ...(ended !== undefined && { ended }) })
    }
  }

  #emitCall(
    id: number,
    startedAt: number,
    endedAt: number,
    state: ReadCall['state'],
    content: Pick<ReadCall, 'operation' | 'request' | 'response' | 'lifetime' | 'ended'>,
  ): void {
    const { connection } = this.#options
    this.#emit({ type: 'call', call: { protocol: 'mysql', id, connection, ...content, state, startedAt, endedAt } })
  }
}

/** Whether bytes are a record of TLS. A packet of this protocol that begins like it would be longer than 64 KiB. */
function isTls(bytes: Uint8Array): boolean {
  return bytes[0] === 0x16 && bytes[1] === 3 && (bytes[2] ?? 0) <= 4 && bytes.length > 2 && bytes[2] !== 0
}
