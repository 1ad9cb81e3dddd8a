import type { Value } from '@keploy-framework/format'

import type { MockServerOptions } from '../protocol/mock-server.ts'
import { isTree, textOrBytes } from '../protocol/value.ts'
import { answerFromTree, type Answer } from './answer.ts'
import { cstring, Cursor, int16, int32, message } from './bytes.ts'
import type { Cell } from './cells.ts'
import { columnsFromTree, isBinary, withFormats, writeColumns, type Column } from './columns.ts'
import { ownError, writeFields } from './fields.ts'
import {
  readBind,
  readExecute,
  readParameters,
  readParse,
  readTarget,
  requestTree,
  type Bound,
  type Statement,
} from './front-messages.ts'
import type { Message } from './message-splitter.ts'
import { leavesTransaction, lifetimeOf, statusAfter, verbOf, type TransactionStatus } from './sql.ts'
import { declareOf, executeOf } from './statement-reader.ts'
import { oidOf, typeName } from './types.ts'
import {
  noticesAt,
  writeCopy,
  writeCopyOut,
  writeNotification,
  writeRow,
  writeSimpleResult,
  writeTag,
} from './write-result.ts'

const COPY_LIMIT = 64 * 1024 * 1024

interface Prepared {
  readonly statement: Statement
  /** Where in the output its ParseComplete stands; absent once it was sent. */
  slot: number | undefined
  /** Whether something has asked for it since. */
  used: boolean
}

interface Portal {
  readonly prepared: Prepared
  readonly bound: Bound
  slot: number | undefined
  answer: Answer | undefined
  at: number
}

type Resolved = Answer & { readonly ended?: 'end' | 'reset'; readonly silent?: true }

/** A COPY … FROM STDIN that takes in data. */
interface Copying {
  readonly sql: string
  readonly params: readonly Cell[]
  readonly chunks: Buffer[]
  size: number
  readonly portal: Portal | undefined
}

/** Answers statements on one connection, as the messages of the client come. */
export class MockSession {
  readonly #options: MockServerOptions
  readonly #statements = new Map<string, Prepared>()
  readonly #portals = new Map<string, Portal>()
  #out: Buffer[] = []
  #status: TransactionStatus = 'I'
  /** The transaction failed by a miss: the recording does not know how it went on. */
  #missed = false
  #skipping = false
  #copying: Copying | undefined
  #settled = false
  /** What the server reports before it is ready for the next. */
  #trailing: Buffer[] = []
  #syncError: { readonly [name: string]: Value } | undefined
  /** The status that the recording tells, where it is not what tags tell. */
  #told: TransactionStatus | undefined

  constructor(options: MockServerOptions) {
    this.#options = options
  }

  read({ letter, body }: Message): void {
    if (this.#skipping && letter !== 'S' && letter !== 'X') return
    if (this.#copying !== undefined && this.#copy(this.#copying, letter, body)) return
    switch (letter) {
      case 'Q':
        this.#query(new Cursor(body).text())
        return
      case 'P':
        this.#parse(body)
        return
      case 'B':
        this.#bind(body)
        return
      case 'D':
        this.#describe(body)
        return
      case 'E':
        this.#execute(body)
        return
      case 'C':
        this.#close(body)
        return
      case 'H':
        this.#settleParses()
        this.#flush()
        return
      case 'S':
        this.#sync()
        return
      case 'X':
        this.#options.close('end')
        return
      case 'd':
      case 'c':
      case 'f':
        return
      default:
        this.#fail(ownError('0A000', `the message ${letter} is not replayed`))
    }
  }

  // The simple protocol.

  #query(sql: string): void {
    if (verbOf(sql) === 'COPY' && this.#beginCopy(sql, [], undefined)) return
    this.#answerSimple(sql, this.#ask(sql, []))
  }

  #answerSimple(sql: string, answer: Resolved): void {
    if (answer.silent !== true) {
      for (const result of answer.results) {
        const input = result.copy?.direction === 'in' ? { ...result, copy: undefined as never } : result
        const written = writeSimpleResult(input)
        if (Array.isArray(written)) this.#out.push(...written)
        else {
          this.#fail(ownError('0A000', written.problem))
          break
        }
      }
      if (answer.error !== undefined) this.#out.push(writeFields('E', answer.error))
      this.#after(sql, answer)
      this.#skipping = false
      if (answer.ended === undefined) this.#ready()
    }
    this.#flush()
    if (answer.ended !== undefined) this.#options.close(answer.ended)
  }

  // The extended protocol.

  #parse(body: Buffer): void {
    const parse = readParse(body)
    if (parse === undefined) return this.#fail(ownError('08P01', 'invalid message format'))
    this.#statements.set(parse.name, { statement: parse.statement, slot: this.#out.length, used: false })
    this.#out.push(message('1'))
  }

  #bind(body: Buffer): void {
    const bound = readBind(body)
    if (bound === undefined) return this.#fail(ownError('08P01', 'invalid message format'))
    const prepared = this.#prepared(bound.statement)
    if (prepared === undefined) return
    this.#portals.set(bound.portal, { prepared, bound, slot: this.#out.length, answer: undefined, at: 0 })
    this.#out.push(message('2'))
  }

  #describe(body: Buffer): void {
    const target = readTarget(body)
    if (target === undefined) return this.#fail(ownError('08P01', 'invalid message format'))
    if (target.kind === 'S') {
      const prepared = this.#prepared(target.name)
      if (prepared !== undefined) this.#describeStatement(prepared)
      return
    }
    const portal = this.#portals.get(target.name)
    if (portal === undefined) return this.#describeCursor(target.name)
    const columns = this.#columnsOf(portal)
    if (columns !== 'failed') this.#out.push(columns === undefined ? message('n') : writeColumns(columns))
  }

  /** A cursor that DECLARE made, or an unknown portal. */
  #describeCursor(name: string): void {
    const request = requestTree(declareOf(name).sql, [], { failed: this.#status === 'E' })
    const found = this.#options.answer({ operation: 'describe', request, lifetime: 'test' })
    const response = found.type === 'answer' && isTree(found.response) ? found.response : undefined
    if (response === undefined) return this.#fail(ownError('34000', `portal "${name}" does not exist`))
    if (isTree(response['error'])) return this.#fail(response['error'])
    const columns = columnsFromTree(response['columns'])
    this.#out.push(columns === undefined ? message('n') : writeColumns(columns))
  }

  #describeStatement(prepared: Prepared): void {
    const described = this.#description(prepared.statement)
    if (described === undefined) {
      const answer = this.#ask(prepared.statement.sql, [])
      this.#failAt(
        prepared.slot,
        answer.error ?? ownError('XX000', `nothing recorded describes ${prepared.statement.sql}`),
      )
      return
    }
    if (isTree(described['error'])) return this.#failAt(prepared.slot, described['error'])
    const types = typesOf(described['params'])
    prepared.statement.types = types
    const columns = columnsFromTree(described['columns'])
    this.#out.push(message('t', int16(types.length), ...types.map((oid) => int32(oid))))
    this.#out.push(
      columns === undefined ? message('n') : writeColumns(columns.map((column) => ({ ...column, binary: false }))),
    )
  }

  #execute(body: Buffer): void {
    const execute = readExecute(body)
    if (execute === undefined) return this.#fail(ownError('08P01', 'invalid message format'))
    const portal = this.#portals.get(execute.portal)
    if (portal === undefined) return this.#fail(ownError('34000', `portal "${execute.portal}" does not exist`))
    const { sql } = portal.prepared.statement
    const params = this.#parametersOf(portal)
    if (portal.answer === undefined && verbOf(sql) === 'COPY' && this.#beginCopy(sql, params, portal)) return
    const answer = this.#resolve(portal)
    if (answer.silent === true || this.#earlyFailure(portal, answer)) return this.#endIf(answer)
    this.#run(portal, answer, execute.max)
  }

  #run(portal: Portal, answer: Resolved, max: number): void {
    const result = answer.results[0]
    const formats = portal.bound.resultFormats
    const rows = result?.rows ?? []
    const from = portal.at
    const until = max === 0 ? rows.length : Math.min(rows.length, from + max)
    if (from === 0)
      this.#out.push(...noticesAt(result?.notices ?? [], undefined), ...noticesAt(result?.notices ?? [], 0))
    for (let index = from; index < until; index++) {
      const written = writeRow(rows[index] ?? [], (column) => isBinary(formats, column), result?.columns)
      if (!Buffer.isBuffer(written)) return this.#fail(ownError('0A000', written.problem))
      this.#out.push(written, ...noticesAt(result?.notices ?? [], index + 1))
    }
    portal.at = until
    const isWhole = max === 0 || until - from < max
    if (!isWhole && answer.error === undefined) {
      this.#out.push(message('s'))
      return
    }
    if (result !== undefined && result.copy?.direction !== 'in') this.#out.push(...writeCopyOut(result))
    if (result?.empty === true) this.#out.push(message('I'))
    else if (result?.tag !== undefined) this.#out.push(writeTag(pageTag(result.tag, from, until)))
    else if (result?.suspended === true) {
      return this.#fail(
        ownError('XX000', 'the recording has no more rows of this portal: the client had not fetched them'),
      )
    }
    if (answer.failed !== 'sync' && answer.error !== undefined) this.#out.push(writeFields('E', answer.error))
    this.#after(portal.prepared.statement.sql, answer)
    this.#trailing.push(...noticesAt(result?.notices ?? [], 'end'))
    if (answer.failed === 'sync') this.#syncError = answer.error
    else if (answer.error !== undefined) {
      this.#skipping = true
      this.#flush()
    }
    this.#endIf(answer)
  }

  /** An error at Parse or Bind takes back what was said since. */
  #earlyFailure(portal: Portal, answer: Resolved): boolean {
    if (answer.error === undefined || answer.failed === undefined || answer.failed === 'sync') return false
    const slot = answer.failed === 'parse' ? portal.prepared.slot : answer.failed === 'bind' ? portal.slot : undefined
    this.#failAt(slot, answer.error)
    return true
  }

  #close(body: Buffer): void {
    const target = readTarget(body)
    if (target === undefined) return this.#fail(ownError('08P01', 'invalid message format'))
    if (target.kind === 'S') this.#statements.delete(target.name)
    else this.#portals.delete(target.name)
    this.#out.push(message('3'))
  }

  #sync(): void {
    if (!this.#skipping) this.#settleParses()
    this.#skipping = false
    if (this.#syncError !== undefined) this.#out.push(writeFields('E', this.#syncError))
    if (this.#syncError !== undefined) this.#status = 'I'
    this.#syncError = undefined
    this.#ready()
    this.#flush()
  }

  // What both have in common.

  /** A statement that was prepared and not used yet may be one that the server refused. */
  #settleParses(): void {
    for (const prepared of this.#statements.values()) {
      if (prepared.slot === undefined || prepared.used) continue
      const { sql } = prepared.statement
      const mayFail = this.#options
        .recorded('describe')
        .some(
          ({ request, response }) =>
            isTree(request) && request['sql'] === sql && isTree(response) && isTree(response['error']),
        )
      const error = mayFail ? this.#description(prepared.statement)?.['error'] : undefined
      if (isTree(error)) return this.#failAt(prepared.slot, error)
    }
  }

  #prepared(name: string): Prepared | undefined {
    const known = this.#statements.get(name)
    if (known !== undefined) {
      known.used = true
      return known
    }
    const prepare = executeOf(name)
    const recorded = this.#options
      .recorded('EXECUTE')
      .some(({ request }) => isTree(request) && request['sql'] === prepare.sql)
    if (recorded) return { statement: prepare, slot: undefined, used: true }
    const which = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    this.#fail(ownError('26000', `${which} does not exist`))
    return undefined
  }

  /** What was recorded of a statement's types and columns; else what its answers tell. */
  #description(statement: Statement): { readonly [key: string]: Value } | undefined {
    const named = statement.named.some((oid) => oid !== 0)
    const request = {
      ...requestTree(statement.sql, [], { failed: this.#status === 'E' && !this.#missed }),
      ...(named && { types: statement.named.map((oid) => typeName(oid)) }),
    }
    if (this.#missed && this.#status === 'E' && !leavesTransaction(statement.sql)) return { error: inFailed() }
    const found = this.#options.answer({ operation: 'describe', request, lifetime: 'session' })
    if (found.type === 'answer' && isTree(found.response)) return found.response
    const same = this.#options
      .recorded('describe')
      .find(
        (call) =>
          isTree(call.request) &&
          call.request['sql'] === statement.sql &&
          isTree(call.response) &&
          call.response['error'] === undefined,
      )
    if (isTree(same?.response)) return same.response
    const answered = this.#options
      .recorded(verbOf(statement.sql))
      .find(
        (call) =>
          isTree(call.request) &&
          call.request['sql'] === statement.sql &&
          isTree(call.response) &&
          call.response['error'] === undefined,
      )
    if (answered === undefined || !isTree(answered.request) || !isTree(answered.response)) return undefined
    const { params } = answered.request
    const count = Array.isArray(params) ? params.length : 0
    // A type that nobody named is text to a server too, unless the statement tells more.
    const types = Array.from({ length: count }, (_, index) => typeName(statement.named[index] || 25))
    return { params: types, columns: answered.response['columns'] ?? null }
  }

  #typesOf(prepared: Prepared): readonly number[] {
    const { statement } = prepared
    if (statement.types.length > 0 && statement.types.every((oid) => oid !== 0)) return statement.types
    const known = this.#options
      .recorded('describe')
      .find(
        (call) =>
          isTree(call.request) &&
          call.request['sql'] === statement.sql &&
          isTree(call.response) &&
          call.response['error'] === undefined,
      )
    const types = isTree(known?.response) ? typesOf(known.response['params']) : []
    // What the client named holds for what it sends: another client of the same statement may have named others.
    return Array.from(
      { length: Math.max(statement.types.length, types.length) },
      (_, index) => statement.types[index] || types[index] || 0,
    )
  }

  #parametersOf(portal: Portal): readonly Cell[] {
    return readParameters(portal.bound, this.#typesOf(portal.prepared))
  }

  #columnsOf(portal: Portal): readonly Column[] | undefined | 'failed' {
    const { sql } = portal.prepared.statement
    if (verbOf(sql) === 'COPY') return undefined
    const answer = this.#resolve(portal)
    if (answer.silent === true) return 'failed'
    if (this.#earlyFailure(portal, answer)) return 'failed'
    const columns = answer.results[0]?.columns
    if (columns !== undefined) return withFormats(columns, portal.bound.resultFormats)
    if (answer.results[0]?.tag !== undefined && answer.results[0].rows.length === 0) return undefined
    const known = this.#options
      .recorded('describe')
      .find((call) => isTree(call.request) && call.request['sql'] === sql && isTree(call.response))?.response
    const described = isTree(known) ? columnsFromTree(known['columns']) : undefined
    return described === undefined ? undefined : withFormats(described, portal.bound.resultFormats)
  }

  #resolve(portal: Portal): Resolved {
    portal.answer ??= this.#ask(portal.prepared.statement.sql, this.#parametersOf(portal))
    return portal.answer
  }

  /** Looks up what answers a statement. A miss is an error, as the server would send it. */
  #ask(
    sql: string,
    params: readonly Cell[],
    more: { input?: string | Uint8Array; copyFailed?: string } = {},
  ): Resolved {
    if (this.#missed && this.#status === 'E') return afterMiss(sql)
    const operation = verbOf(sql)
    const lifetime = lifetimeOf(sql, this.#settled)
    if (lifetime === 'test') this.#settled = true
    const request = requestTree(sql, params, { ...more, failed: this.#status === 'E' })
    const found = this.#options.answer({ operation, request, lifetime })
    if (found.type === 'answer') {
      const { response, ended } = found
      if (response === undefined) return { results: [], silent: true, ...(ended !== undefined && { ended }) }
      return { ...answerFromTree(response), ...(ended !== undefined && { ended }) }
    }
    const own = ownAnswer(operation)
    if (own !== undefined) return own
    if (this.#status !== 'I') this.#missed = true
    return { results: [], error: ownError('XX000', found.message) }
  }

  /** Takes in what an answer means for the connection. */
  #after(sql: string, answer: Answer): void {
    const tags = answer.results.map((result) => result.tag)
    const failed = answer.error !== undefined && answer.failed !== 'sync'
    this.#status = statusAfter(this.#status, sql, tags, failed)
    if (this.#status !== 'E') this.#missed = false
    this.#told = answer.status
    for (const notification of answer.notifications ?? []) this.#trailing.push(writeNotification(notification))
    for (const [name, value] of Object.entries(answer.parameters ?? {})) {
      this.#trailing.push(message('S', cstring(name), cstring(value)))
    }
  }

  #fail(error: { readonly [name: string]: Value }): void {
    this.#failAt(undefined, error)
  }

  /** Sends an error in place of what stands in the output from a slot on, and passes over all until Sync. */
  #failAt(slot: number | undefined, error: { readonly [name: string]: Value }): void {
    if (slot !== undefined) this.#out = this.#out.slice(0, slot)
    this.#out.push(writeFields('E', error))
    if (this.#status === 'T') this.#status = 'E'
    this.#skipping = true
    // A client may have sent Flush in place of Sync, and wait for the error; a server sends errors at once.
    this.#flush()
  }

  #endIf(answer: Resolved): void {
    if (answer.ended === undefined) return
    this.#flush()
    this.#options.close(answer.ended)
  }

  #ready(): void {
    if (this.#told !== undefined) this.#status = this.#told
    this.#told = undefined
    if (this.#status === 'I') this.#portals.clear()
    this.#out.push(...this.#trailing, message('Z', Buffer.from(this.#status)))
    this.#trailing = []
  }

  #flush(): void {
    for (const prepared of this.#statements.values()) prepared.slot = undefined
    for (const portal of this.#portals.values()) portal.slot = undefined
    if (this.#out.length > 0) this.#options.send(Buffer.concat(this.#out))
    this.#out = []
  }

  // COPY … FROM STDIN.

  /** Asks the client for data when a recorded answer to this statement did. */
  #beginCopy(sql: string, params: readonly Cell[], portal: Portal | undefined): boolean {
    if (this.#status === 'E') return false
    for (const { request, response } of this.#options.recorded('COPY')) {
      if (!isTree(request) || request['sql'] !== sql) continue
      const format = answerFromTree(response).results[0]?.copy
      if (format?.direction !== 'in') continue
      this.#copying = { sql, params, chunks: [], size: 0, portal }
      this.#out.push(writeCopy(format))
      this.#flush()
      return true
    }
    return false
  }

  /** Whether a message was for a COPY that takes in data. */
  #copy(copying: Copying, letter: string, body: Buffer): boolean {
    if (letter === 'd') {
      copying.size += body.length
      if (copying.size <= COPY_LIMIT) copying.chunks.push(body)
      return true
    }
    if (letter === 'S' || letter === 'H') return true
    this.#copying = undefined
    if (letter !== 'c' && letter !== 'f') return false
    const { sql, params, portal } = copying
    const input = textOrBytes(Buffer.concat(copying.chunks))
    const answer = this.#ask(sql, params, { input, ...(letter === 'f' && { copyFailed: new Cursor(body).text() }) })
    if (portal === undefined) this.#answerSimple(sql, answer)
    else this.#run(portal, answer, 0)
    return true
  }
}

function typesOf(value: Value | undefined): number[] {
  return Array.isArray(value) ? (value as readonly Value[]).map((type) => oidOf(type)) : []
}

/** The tag of a page of rows: SELECT counts those of the page only. */
function pageTag(tag: string, from: number, until: number): string {
  return from === 0 ? tag : tag.replace(/^SELECT \d+$/, `SELECT ${until - from}`)
}

function inFailed(): { readonly [name: string]: string } {
  return ownError('25P02', 'current transaction is aborted, commands ignored until end of transaction block')
}

/** After a miss within a transaction the server goes on by itself: the recording does not know how. */
function afterMiss(sql: string): Resolved {
  return leavesTransaction(sql)
    ? { results: [{ rows: [], notices: [], tag: 'ROLLBACK' }] }
    : { results: [], error: inFailed() }
}

/** Statements that a server answers without a recording: they say nothing of what is stored. */
function ownAnswer(operation: string): Resolved | undefined {
  if (operation === 'EMPTY') return { results: [{ rows: [], notices: [], empty: true }] }
  if (operation === 'DEALLOCATE') return { results: [{ rows: [], notices: [], tag: 'DEALLOCATE' }] }
  return undefined
}
