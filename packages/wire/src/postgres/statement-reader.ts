import type { Value } from '@keploy-framework/format'

import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { textOrBytes } from '../protocol/value.ts'
import { Cursor } from './bytes.ts'
import { readCell } from './cells.ts'
import { columnsToTree, isBinary, readColumns, withFormats, type Column } from './columns.ts'
import { readFields } from './fields.ts'
import { readBind, readExecute, readParse, readTarget, type Bound, type Statement } from './front-messages.ts'
import type { Message } from './message-splitter.ts'
import { OpenCall } from './open-call.ts'
import type { TransactionStatus } from './sql.ts'
import { typeName } from './types.ts'

const MAX_OPS = 100_000
const MAX_STATEMENTS = 20_000

interface Portal {
  readonly statement: KnownStatement
  readonly bound: Bound | undefined
  columns: readonly Column[] | undefined
  call: OpenCall | undefined
}

/** A prepared statement, with what the server said of it. */
export type KnownStatement = Statement & { columns?: readonly Column[] }

/** What the server owes an answer to, in the order in which it was asked. */
type Op =
  | { readonly kind: 'query'; readonly call: OpenCall }
  | { readonly kind: 'execute'; readonly call: OpenCall; readonly portal: Portal }
  | { readonly kind: 'parse'; readonly statement: KnownStatement }
  | { readonly kind: 'bind'; readonly portal: Portal }
  | { readonly kind: 'describe'; readonly call: OpenCall; readonly statement: KnownStatement }
  | { readonly kind: 'describe-portal'; readonly portal: Portal }
  | { readonly kind: 'describe-cursor'; readonly call: OpenCall; readonly statement: KnownStatement }
  | { readonly kind: 'close'; readonly portal: Portal | undefined }
  | { readonly kind: 'sync' }

/** Reads statements and their answers, once a connection is set up. */
export class StatementReader {
  readonly #options: ReaderOptions
  readonly #limit: number
  readonly #emit: (event: CallEvent) => void
  readonly #statements = new Map<string, KnownStatement>()
  readonly #portals = new Map<string, Portal>()
  readonly #suspended = new Set<OpenCall>()
  #ops: Op[] = []
  #head = 0
  #status: TransactionStatus = 'I'
  /** After an error the server passes over all until the next Sync, which has not come yet. */
  #skipping = false
  #copying: OpenCall | undefined
  /** Complete, but for what comes before the next ReadyForQuery. */
  #held: { readonly call: OpenCall; status: TransactionStatus } | undefined
  #settled = false
  #last: number | undefined

  constructor(options: ReaderOptions, limit: number, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#limit = limit
    this.#emit = emit
  }

  /** Prepared statements by name, with those of `known` when they were prepared before what is read here. */
  statements(known?: ReadonlyMap<string, KnownStatement>): ReadonlyMap<string, KnownStatement> {
    for (const [name, statement] of known ?? []) this.#statements.set(name, statement)
    return this.#statements
  }

  /** Reads a message of the client. Gives a sentence when it cannot be read. */
  fromClient({ letter, body }: Message, at: number): string | undefined {
    if (this.#skipping && letter !== 'S') return undefined
    if (this.#ops.length - this.#head > MAX_OPS) return 'more messages are under way than are followed'
    const broken = `the message ${letter} of the client is not whole`
    switch (letter) {
      case 'Q': {
        const cursor = new Cursor(body)
        const sql = cursor.text()
        if (cursor.broken) return broken
        this.#ops.push({ kind: 'query', call: this.#open({ sql, types: [], named: [] }, at) })
        return undefined
      }
      case 'P': {
        const parse = readParse(body)
        if (parse === undefined) return broken
        if (this.#statements.size >= MAX_STATEMENTS) return 'more statements are prepared than are followed'
        this.#statements.set(parse.name, parse.statement)
        this.#ops.push({ kind: 'parse', statement: parse.statement })
        return undefined
      }
      case 'B': {
        const bound = readBind(body)
        if (bound === undefined) return broken
        const statement = this.#statements.get(bound.statement) ?? executeOf(bound.statement)
        const portal: Portal = { statement, bound, columns: undefined, call: undefined }
        if (this.#portals.size >= MAX_STATEMENTS) return 'more portals are open than are followed'
        this.#portals.set(bound.portal, portal)
        this.#ops.push({ kind: 'bind', portal })
        return undefined
      }
      case 'D':
      case 'C': {
        const target = readTarget(body)
        if (target === undefined) return broken
        if (letter === 'D') this.#describe(target, at)
        else this.#close(target)
        return undefined
      }
      case 'E': {
        const execute = readExecute(body)
        if (execute === undefined) return broken
        const portal = this.#portals.get(execute.portal) ?? portalOf(executeOf(execute.portal))
        portal.call ??= this.#open(portal.statement, at, portal.bound === undefined ? {} : { bound: portal.bound })
        this.#ops.push({ kind: 'execute', call: portal.call, portal })
        return undefined
      }
      case 'S': {
        this.#skipping = false
        // While it takes in data, a server passes over Sync and Flush.
        if (this.#copying === undefined || this.#ops[this.#head]?.kind === 'query') this.#ops.push({ kind: 'sync' })
        return undefined
      }
      case 'd':
      case 'c':
      case 'f':
        return this.#copyData(letter, body)
      case 'F':
        return 'a call of a function by its number is not read'
      case 'H':
      case 'X':
      case 'p':
        return undefined
      default:
        return `the client sends the message ${letter}, which is not known`
    }
  }

  /** Reads a message of the server. Gives a sentence when it cannot be read. */
  fromServer({ letter, body }: Message, at: number): string | undefined {
    const cursor = new Cursor(body)
    const op = this.#ops[this.#head]
    const call = op?.kind === 'query' || op?.kind === 'execute' ? op.call : undefined
    const unexpected = `the server sends the message ${letter}, which nothing asked for`
    if (call !== undefined) {
      call.endedAt = at
      call.size += body.length
      if (call.size > this.#limit) return `an answer is longer than ${this.#limit} bytes`
    }
    switch (letter) {
      case '1':
        if (op?.kind !== 'parse') return unexpected
        this.#head++
        break
      case '2':
        if (op?.kind !== 'bind') return unexpected
        this.#head++
        break
      case '3':
        if (op?.kind !== 'close') return unexpected
        if (op.portal?.call !== undefined) this.#leave(op.portal.call)
        this.#head++
        break
      case 't': {
        if (op?.kind !== 'describe') return unexpected
        const types: number[] = []
        for (let left = cursor.int16() & 0xffff; left > 0 && !cursor.broken; left--) types.push(cursor.uint32())
        op.statement.types = types
        op.call.described = { params: types.map((type) => typeName(type)), columns: null }
        break
      }
      case 'T':
      case 'n':
        if (!this.#columns(op, letter === 'T' ? readColumns(cursor) : undefined, at)) return unexpected
        break
      case 'D': {
        if (op === undefined || call === undefined) return unexpected
        call.result.rows.push(readRow(cursor, op.kind === 'execute' ? columnsOf(op.portal) : call.result.columns, op))
        break
      }
      case 'C':
      case 'I':
        if (call === undefined || op === undefined) return unexpected
        if (letter === 'I') call.result.empty = true
        else call.result.tag = cursor.text()
        if (op.kind === 'execute') this.#executed(op, at)
        call.finishResult()
        this.#copying = undefined
        break
      case 's':
        if (op?.kind !== 'execute') return unexpected
        op.call.result.columns ??= columnsOf(op.portal) ?? []
        this.#suspended.add(op.call)
        this.#head++
        break
      case 'G':
      case 'H': {
        if (call === undefined) return unexpected
        const binary = cursor.byte() === 1
        const columns: boolean[] = []
        for (let left = cursor.int16() & 0xffff; left > 0 && !cursor.broken; left--) columns.push(cursor.int16() === 1)
        call.result.copy = { direction: letter === 'G' ? 'in' : 'out', binary, columns }
        if (letter === 'H') call.result.data = []
        else this.#beginCopy(call)
        break
      }
      case 'd':
        if (call?.result.data === undefined) return unexpected
        call.result.data.push(textOrBytes(body))
        break
      case 'c':
        break
      case 'E':
        this.#fail(op, readFields(cursor), at)
        break
      case 'N':
      case 'A':
      case 'S':
        this.#aside(letter, cursor, op, at)
        break
      case 'Z': {
        if (op?.kind !== 'query' && op?.kind !== 'sync') return unexpected
        this.#ready(op, String.fromCharCode(cursor.byte()), at)
        break
      }
      case 'K':
        break
      default:
        return letter === 'W' ? 'COPY in both directions is not read' : unexpected
    }
    if (this.#head > 1000 || this.#head === this.#ops.length) {
      this.#ops = this.#ops.slice(this.#head)
      this.#head = 0
    }
    return cursor.broken ? `the message ${letter} of the server is not whole` : undefined
  }

  /** The connection or the recording is over. */
  finish(state: 'open' | 'aborted', at: number, ended?: 'end'): void {
    this.#release()
    for (const call of this.#suspended) this.#leave(call)
    const calls = new Set(this.#ops.slice(this.#head).flatMap((op) => ('call' in op ? [op.call] : [])))
    let first = true
    for (const call of calls) {
      call.endedAt = at
      if (first && ended !== undefined) call.ended = ended
      first = false
      this.#tell(call, state)
    }
    this.#ops = []
    this.#head = 0
  }

  #open(
    statement: KnownStatement,
    at: number,
    more: { bound?: Bound; description?: 'describe' | 'cursor' } = {},
  ): OpenCall {
    const id = this.#options.nextId()
    this.#emit({ type: 'open', id, at })
    return new OpenCall(id, at, statement, more)
  }

  #tell(call: OpenCall, state: 'complete' | 'open' | 'aborted'): void {
    const told = call.toCall(this.#options.connection, state, this.#settled)
    if (told.lifetime === 'test') this.#settled = true
    this.#last = call.id
    this.#emit({ type: 'call', call: told })
  }

  /** Keeps a call that is complete, for what may still come before ReadyForQuery. */
  #hold(call: OpenCall): void {
    this.#release()
    this.#status = call.settle(this.#status)
    this.#held = { call, status: this.#status }
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.#tell(held.call, 'complete')
  }

  /** A portal is given up before all of its rows were fetched. */
  #leave(call: OpenCall): void {
    if (!this.#suspended.delete(call)) return
    call.last.suspended = true
    this.#release()
    call.settle(this.#status)
    this.#tell(call, 'complete')
  }

  #describe(target: { readonly kind: 'S' | 'P'; readonly name: string }, at: number): void {
    if (target.kind === 'P') {
      const portal = this.#portals.get(target.name)
      const statement = declareOf(target.name)
      if (portal !== undefined) this.#ops.push({ kind: 'describe-portal', portal })
      else
        this.#ops.push({
          kind: 'describe-cursor',
          statement,
          call: this.#open(statement, at, { description: 'cursor' }),
        })
      return
    }
    const statement = this.#statements.get(target.name) ?? executeOf(target.name)
    this.#ops.push({ kind: 'describe', statement, call: this.#open(statement, at, { description: 'describe' }) })
  }

  #close(target: { readonly kind: 'S' | 'P'; readonly name: string }): void {
    const portal = target.kind === 'P' ? this.#portals.get(target.name) : undefined
    if (target.kind === 'P') this.#portals.delete(target.name)
    else this.#statements.delete(target.name)
    this.#ops.push({ kind: 'close', portal })
  }

  #copyData(letter: string, body: Buffer): string | undefined {
    let call = this.#copying
    for (let index = this.#ops.length - 1; call === undefined && index >= this.#head; index--) {
      const op = this.#ops[index] as Op
      if (op.kind === 'query' || op.kind === 'execute') call = op.call
    }
    if (call === undefined) return undefined
    call.copyInput ??= []
    if (letter === 'd') {
      call.size += body.length
      if (call.size > this.#limit) return `the data of COPY is longer than ${this.#limit} bytes`
      call.copyInput.push(body)
    } else {
      if (letter === 'f') call.copyFailed = new Cursor(body).text()
      this.#copying = undefined
    }
    return undefined
  }

  #beginCopy(call: OpenCall): void {
    call.copyInput ??= []
    this.#copying = call
    if (this.#ops[this.#head]?.kind === 'query') return
    while (this.#ops[this.#head + 1]?.kind === 'sync') this.#ops.splice(this.#head + 1, 1)
  }

  #columns(op: Op | undefined, columns: readonly Column[] | undefined, at: number): boolean {
    switch (op?.kind) {
      case 'query':
        if (columns === undefined) return false
        op.call.result.columns = columns
        return true
      case 'describe':
        if (op.call.described === undefined) return false
        if (columns !== undefined) {
          op.statement.columns = columns
          op.call.described = { ...op.call.described, columns: columnsToTree(columns) }
        }
        op.call.endedAt = at
        this.#head++
        this.#hold(op.call)
        return true
      case 'describe-cursor':
        op.call.described = { columns: columns === undefined ? null : columnsToTree(columns) }
        op.call.endedAt = at
        this.#head++
        this.#hold(op.call)
        return true
      case 'describe-portal':
        if (columns !== undefined) op.portal.columns = columns
        this.#head++
        return true
      default:
        return false
    }
  }

  #executed(op: Op & { kind: 'execute' }, at: number): void {
    const { call, portal } = op
    const columns = columnsOf(portal)
    if (columns !== undefined) call.result.columns = columns
    if (this.#suspended.delete(call) && call.result.tag !== undefined) {
      call.result.tag = call.result.tag.replace(/^(SELECT) \d+$/, `$1 ${call.result.rows.length}`)
    }
    call.endedAt = at
    this.#head++
    portal.call = undefined
    this.#hold(call)
  }

  #fail(op: Op | undefined, error: { readonly [name: string]: string }, at: number): void {
    const isFatal =
      error['severityUnlocalized'] === 'FATAL' || error['severity'] === 'FATAL' || error['severity'] === 'PANIC'
    this.#copying = undefined
    if (op === undefined) {
      this.#own('error', { error }, at, isFatal)
      return
    }
    if (op.kind === 'query') {
      op.call.answer.error = error
      if (isFatal) this.#endWith(op.call)
      return
    }
    if (op.kind === 'sync') {
      if (this.#held !== undefined) {
        this.#held.call.answer.error = error
        this.#held.call.answer.failed = 'sync'
        this.#status = 'I'
        if (isFatal) this.#held.call.ended = 'end'
      } else this.#own('error', { error }, at, isFatal)
      return
    }
    const call = this.#failing(op, at)
    call.answer.error = error
    call.endedAt = at
    if (op.kind === 'execute') {
      const columns = columnsOf(op.portal)
      if (columns !== undefined) call.result.columns = columns
      this.#suspended.delete(call)
    }
    if (isFatal) call.ended = 'end'
    this.#skipToSync(call)
    this.#hold(call)
    if (isFatal) this.#release()
  }

  /** The call that an error belongs to: what the failed message led to. */
  #failing(op: Exclude<Op, { kind: 'query' | 'sync' }>, at: number): OpenCall {
    if (op.kind === 'execute' || op.kind === 'describe' || op.kind === 'describe-cursor') return op.call
    for (let index = this.#head + 1; index < this.#ops.length; index++) {
      const next = this.#ops[index] as Op
      if (next.kind === 'sync' || next.kind === 'query') break
      if (next.kind === 'describe' && op.kind === 'parse' && next.statement === op.statement) return next.call
      if (next.kind !== 'execute') continue
      if (op.kind === 'parse' ? next.portal.statement === op.statement : next.portal === op.portal) {
        next.call.answer.failed = op.kind === 'parse' ? 'parse' : op.kind === 'bind' ? 'bind' : 'describe'
        return next.call
      }
    }
    if (op.kind === 'parse') return this.#open(op.statement, at, { description: 'describe' })
    const portal = op.portal ?? portalOf(executeOf(''))
    const call = this.#open(portal.statement, at, portal.bound === undefined ? {} : { bound: portal.bound })
    call.answer.failed = op.kind === 'bind' ? 'bind' : 'describe'
    return call
  }

  #skipToSync(failed: OpenCall): void {
    const passed = new Set<OpenCall>()
    while (this.#head < this.#ops.length && this.#ops[this.#head]?.kind !== 'sync') {
      const op = this.#ops[this.#head] as Op
      if ('call' in op && op.call !== failed && !this.#suspended.has(op.call)) passed.add(op.call)
      if (op.kind === 'execute') op.portal.call = undefined
      this.#head++
    }
    this.#skipping = this.#head === this.#ops.length
    for (const { id } of passed) this.#emit({ type: 'skipped', id })
  }

  #endWith(call: OpenCall): void {
    call.ended = 'end'
    this.#head++
    this.#hold(call)
    this.#release()
  }

  /** Notices, notifications and settings: part of the answer that is under way, or said by the server itself. */
  #aside(letter: 'N' | 'A' | 'S', cursor: Cursor, op: Op | undefined, at: number): void {
    const call = op !== undefined && 'call' in op ? op.call : op === undefined ? undefined : this.#held?.call
    if (letter === 'N') {
      const fields = readFields(cursor)
      if (call === undefined) this.#own('notice', { notice: fields }, at)
      else if (call.isRunning || call.answer.results.length === 0 || op?.kind === 'query') {
        const { result } = call
        const hasColumns = op?.kind === 'execute' || result.columns !== undefined
        const after =
          hasColumns && result.rows.length > 0 ? result.rows.length : result.columns === undefined ? undefined : 0
        result.notices.push({ fields, ...(after !== undefined && { after }) })
      } else call.last.notices.push({ fields, after: 'end' })
    } else if (letter === 'A') {
      cursor.int32()
      const notification = { channel: cursor.text(), payload: cursor.text() }
      if (call === undefined) this.#own('notify', { notification }, at)
      else (call.answer.notifications ??= []).push(notification)
    } else {
      const parameters = { [cursor.text()]: cursor.text() }
      if (call === undefined) this.#own('parameter', { parameters }, at)
      else call.answer.parameters = { ...call.answer.parameters, ...parameters }
    }
  }

  #ready(op: Op & { kind: 'query' | 'sync' }, status: string, at: number): void {
    this.#head++
    if (op.kind === 'query') {
      op.call.endedAt = at
      this.#copying = undefined
      this.#hold(op.call)
    }
    if (status === 'I' || status === 'T' || status === 'E') {
      if (this.#held !== undefined && this.#status !== status) this.#held.call.answer.status = status
      this.#status = status
    }
    this.#release()
    if (this.#status === 'I') for (const call of this.#suspended) this.#leave(call)
  }

  #own(operation: string, response: Value, at: number, ends = false): void {
    this.#release()
    const id = this.#options.nextId()
    this.#emit({ type: 'open', id, at })
    this.#emit({
      type: 'call',
      call: {
        protocol: 'postgres',
        id,
        connection: this.#options.connection,
        operation,
        request: null,
        response,
        lifetime: 'test',
        state: 'complete',
        startedAt: at,
        endedAt: at,
        ...(ends && { ended: 'end' }),
        ...(this.#last !== undefined && { after: this.#last }),
      },
    })
  }
}

/** A statement that was not prepared by a message: `PREPARE` may have done it. */
export function executeOf(name: string): KnownStatement {
  return { sql: `EXECUTE "${name}"`, types: [], named: [] }
}

/** A cursor that DECLARE made, as far as messages name it. */
export function declareOf(name: string): KnownStatement {
  return { sql: `DECLARE "${name}"`, types: [], named: [] }
}

function portalOf(statement: KnownStatement): Portal {
  return { statement, bound: undefined, columns: undefined, call: undefined }
}

/** The columns of a portal: as it was described, or as its statement was, in the formats of its Bind. */
function columnsOf(portal: Portal): readonly Column[] | undefined {
  if (portal.columns !== undefined) return portal.columns
  const { columns } = portal.statement
  return columns === undefined ? undefined : withFormats(columns, portal.bound?.resultFormats ?? [])
}

function readRow(cursor: Cursor, columns: readonly Column[] | undefined, op: Op): ReturnType<typeof readCell>[] {
  const formats = op.kind === 'execute' ? (op.portal.bound?.resultFormats ?? []) : []
  const row: ReturnType<typeof readCell>[] = []
  for (let left = cursor.int16() & 0xffff; left > 0 && !cursor.broken; left--) {
    const index = row.length
    const column = columns?.[index]
    row.push(readCell(cursor.value(), column?.type ?? 0, column?.binary ?? isBinary(formats, index)))
  }
  return row
}
