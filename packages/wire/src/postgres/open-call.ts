import type { Value } from '@keploy-framework/format'

import type { ReadCall } from '../protocol/protocol.ts'
import { textOrBytes } from '../protocol/value.ts'
import { answerToTree, newResult, type Answer, type Result } from './answer.ts'
import type { Cell } from './cells.ts'
import { readParameters, requestTree, type Bound, type Statement } from './front-messages.ts'
import { lifetimeOf, statusAfter, verbOf, type TransactionStatus } from './sql.ts'
import { typeName } from './types.ts'

/** A statement, or the description of one, that was asked and is being answered. */
export class OpenCall {
  readonly id: number
  readonly startedAt: number
  readonly statement: Statement
  readonly answer: Answer = { results: [] }
  readonly #bound: Bound | undefined
  /** Absent for statements. */
  readonly description: 'describe' | 'cursor' | undefined
  described: { readonly params?: readonly (string | number)[]; readonly columns: Value } | undefined
  endedAt: number
  /** Bytes of what is kept. */
  size = 0
  ended: 'end' | undefined
  copyInput: Buffer[] | undefined
  copyFailed: string | undefined
  #failedBefore = false
  #current: Result | undefined

  constructor(
    id: number,
    at: number,
    statement: Statement,
    more: { bound?: Bound; description?: 'describe' | 'cursor' } = {},
  ) {
    this.id = id
    this.startedAt = at
    this.endedAt = at
    this.statement = statement
    this.#bound = more.bound
    this.description = more.description
  }

  /** What is being told of the statement that runs. */
  get result(): Result {
    if (this.#current === undefined) {
      this.#current = newResult()
      this.answer.results.push(this.#current)
    }
    return this.#current
  }

  /** The result that came last, running or not. */
  get last(): Result {
    return this.#current ?? this.answer.results.at(-1) ?? this.result
  }

  get isRunning(): boolean {
    return this.#current !== undefined
  }

  finishResult(): void {
    this.#current = undefined
  }

  /** Notes the status before it, and gives the one after it. */
  settle(before: TransactionStatus): TransactionStatus {
    this.#failedBefore = before === 'E'
    if (this.description !== undefined) return this.answer.error !== undefined && before === 'T' ? 'E' : before
    const tags = this.answer.results.map((result) => result.tag)
    return statusAfter(before, this.statement.sql, tags, this.answer.error !== undefined)
  }

  toCall(connection: number, state: ReadCall['state'], settled: boolean): ReadCall {
    const { sql } = this.statement
    const base = {
      protocol: 'postgres',
      id: this.id,
      connection,
      state,
      startedAt: this.startedAt,
      endedAt: this.endedAt,
    } as const
    const ended = this.ended === undefined ? {} : { ended: this.ended }
    const failed = this.#failedBefore
    if (this.description !== undefined) {
      const { error, notifications, parameters } = this.answer
      const response: Value = {
        ...this.described,
        ...(error !== undefined && { error }),
        ...(notifications !== undefined && { notifications }),
        ...(parameters !== undefined && { parameters }),
      }
      const types = this.statement.named.some((oid) => oid !== 0) ? { types: this.statement.named.map(typeName) } : {}
      return {
        ...base,
        ...ended,
        operation: 'describe',
        request: { ...requestTree(sql, [], { failed }), ...types },
        ...(state === 'complete' && { response }),
        lifetime: error === undefined && this.description === 'describe' ? 'session' : 'test',
      }
    }
    const params: readonly Cell[] = this.#bound === undefined ? [] : readParameters(this.#bound, this.statement.types)
    const input = this.copyInput === undefined ? {} : { input: textOrBytes(Buffer.concat(this.copyInput)) }
    const copyFailed = this.copyFailed === undefined ? {} : { copyFailed: this.copyFailed }
    return {
      ...base,
      ...ended,
      operation: verbOf(sql),
      request: requestTree(sql, params, { failed, ...input, ...copyFailed }),
      ...(state === 'complete' && { response: answerToTree(this.answer) }),
      lifetime: this.answer.error === undefined ? lifetimeOf(sql, settled) : 'test',
    }
  }
}
