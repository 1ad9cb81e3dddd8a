import { scalarText, type Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import type { Cell } from './cells.ts'
import { columnsFromTree, columnsToTree, type Column } from './columns.ts'
import type { TransactionStatus } from './sql.ts'

export interface Notice {
  readonly fields: { readonly [name: string]: Value }
  /** After how many rows it came. Absent: before the columns, or there are none. `end`: after the tag. */
  readonly after?: number | 'end'
}

/** What COPY says before its data. */
export interface CopyFormat {
  readonly direction: 'in' | 'out'
  readonly binary: boolean
  /** For each column: whether it is binary. */
  readonly columns: readonly boolean[]
}

/** What one statement gave. */
export interface Result {
  columns?: readonly Column[]
  rows: Cell[][]
  notices: Notice[]
  tag?: string
  empty?: boolean
  /** The client did not fetch all rows. */
  suspended?: boolean
  copy?: CopyFormat
  /** What COPY … TO STDOUT sent, message by message. */
  data?: (string | Uint8Array)[]
}

/** At which step of the extended protocol a statement failed. Absent: when it ran. */
export type FailedStep = 'parse' | 'bind' | 'describe' | 'sync'

/** What a server answers to a statement, or to several in one message. */
export interface Answer {
  results: Result[]
  error?: { readonly [name: string]: Value }
  failed?: FailedStep
  /** Settings that the server reported afterwards. */
  parameters?: { readonly [name: string]: string }
  notifications?: { readonly channel: string; readonly payload: string }[]
  /** The transaction status afterwards, where tags do not tell it. */
  status?: TransactionStatus
}

export function newResult(): Result {
  return { rows: [], notices: [] }
}

const statusNames = { I: 'idle', T: 'open', E: 'failed' } as const

function resultToTree(result: Result): { readonly [key: string]: Value } {
  const { columns, rows, notices, tag, empty, suspended, copy, data } = result
  return {
    ...(notices.length > 0 && {
      notices: notices.map(({ fields, after }) => ({ ...fields, ...(after !== undefined && { after }) })),
    }),
    ...(columns !== undefined && { columns: columnsToTree(columns) }),
    ...((columns !== undefined || rows.length > 0) && { rows }),
    ...(copy !== undefined && {
      copy: {
        direction: copy.direction,
        format: copy.binary ? 'binary' : 'text',
        columns: copy.columns.map((binary) => (binary ? 'binary' : 'text')),
      },
    }),
    ...(data !== undefined && { data }),
    ...(empty === true && { empty }),
    ...(suspended === true && { suspended }),
    ...(tag !== undefined && { tag }),
  }
}

/** An answer as it stands in a call. One result stands alone, several as the list `results`. */
export function answerToTree(answer: Answer): Value {
  const { results, error, failed, parameters, notifications, status } = answer
  return {
    ...(results.length === 1 ? resultToTree(results[0] as Result) : {}),
    ...(results.length > 1 && { results: results.map((result) => resultToTree(result)) }),
    ...(error !== undefined && { error }),
    ...(failed !== undefined && { failed }),
    ...(parameters !== undefined && { parameters }),
    ...(notifications !== undefined && { notifications }),
    ...(status !== undefined && { transaction: statusNames[status] }),
  }
}

function list(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : []
}

function cell(value: Value): Cell {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function readNotice(value: Value): Notice {
  const { after, ...fields } = isTree(value) ? value : ({} as { readonly [key: string]: Value })
  return { fields, ...((typeof after === 'number' || after === 'end') && { after }) }
}

function resultFromTree(tree: { readonly [key: string]: Value }): Result {
  const columns = columnsFromTree(tree['columns'])
  const copy = tree['copy']
  return {
    rows: list(tree['rows']).map((row) => list(row).map((value) => cell(value))),
    notices: list(tree['notices']).map((notice) => readNotice(notice)),
    ...(columns !== undefined && { columns }),
    ...(typeof tree['tag'] === 'string' && { tag: tree['tag'] }),
    ...(tree['empty'] === true && { empty: true }),
    ...(tree['suspended'] === true && { suspended: true }),
    ...(isTree(copy) && {
      copy: {
        direction: copy['direction'] === 'in' ? 'in' : 'out',
        binary: copy['format'] === 'binary',
        columns: list(copy['columns']).map((format) => format === 'binary'),
      } as const,
    }),
    ...(Array.isArray(tree['data']) && { data: list(tree['data']).map((piece) => cell(piece) ?? '') }),
  }
}

/** What `answerToTree` gave; also of trees that people changed. */
export function answerFromTree(value: Value | undefined): Answer {
  const tree = isTree(value) ? value : {}
  const alone = ['columns', 'rows', 'tag', 'empty', 'copy', 'data', 'notices'].some((key) => tree[key] !== undefined)
  const results = tree['results'] === undefined ? (alone ? [tree] : []) : list(tree['results'])
  const { error, failed, parameters, notifications, transaction } = tree
  return {
    results: results.map((result) => resultFromTree(isTree(result) ? result : {})),
    ...(isTree(error) && { error }),
    ...((failed === 'parse' || failed === 'bind' || failed === 'describe' || failed === 'sync') && { failed }),
    ...(isTree(parameters) && {
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, scalarText(text) ?? ''])),
    }),
    ...(Array.isArray(notifications) && { notifications: list(notifications).map((item) => readNotification(item)) }),
    ...((transaction === 'idle' || transaction === 'open' || transaction === 'failed') && {
      status: ({ idle: 'I', open: 'T', failed: 'E' } as const)[transaction],
    }),
  }
}

/** A notification; what is missing is empty. */
export function readNotification(value: Value | undefined): { readonly channel: string; readonly payload: string } {
  const { channel, payload } = isTree(value) ? value : ({} as { readonly [key: string]: Value })
  return {
    channel: scalarText(channel) ?? '',
    payload: scalarText(payload) ?? '',
  }
}
