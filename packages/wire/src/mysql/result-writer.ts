import { isDeepStrictEqual } from 'node:util'

import type { Value } from '@keploy-framework/format'

import { bytesOf, isTree } from '../protocol/value.ts'
import { ByteWriter } from './byte-writer.ts'
import { capability, has } from './capabilities.ts'
import { encodeBinaryCell, encodeTextCell } from './cells.ts'
import { columnShape, encodeColumn, type ColumnShape } from './column.ts'
import { encodeEof, encodeError, encodeOk, numberOf, statusOf, type Tree } from './outcome.ts'
import { serverStatus } from './status.ts'

export interface AnswerForm {
  /** What the live client and its server agreed on. */
  readonly capabilities: bigint
  /** How rows are asked for. */
  readonly rows: 'text' | 'binary'
  /** The columns that were told when the statement was prepared. */
  readonly known?: readonly Value[]
  /** Changes the status that was recorded, where the live session is in another one. */
  readonly status?: (recorded: number) => number
}

/** The results of a response: one, or several where a statement gave several. */
export function resultsOf(response: Value | undefined): readonly Tree[] {
  const list = Array.isArray(response) ? (response as readonly Value[]) : [response]
  return list.filter((result): result is Tree => isTree(result))
}

/** The payloads of one result. `more`: another one follows. */
export function encodeResult(result: Tree, more: boolean, form: AnswerForm): Buffer[] {
  const { capabilities } = form
  const flags = (tree: Value | undefined): number => {
    const status = form.status?.(statusOf(tree)) ?? statusOf(tree)
    return more ? status | serverStatus.moreResults : status
  }
  const eofs = !has(capabilities, capability.deprecateEof)
  if (Array.isArray(result['fields'])) {
    const fields = (result['fields'] as readonly Value[]).map((field) => encodeColumn(field, capabilities))
    return [...fields, encodeRowsEnd(result, flags(result), eofs, capabilities)]
  }
  const columns = Array.isArray(result['columns']) ? (result['columns'] as readonly Value[]) : undefined
  const rows = Array.isArray(result['rows']) ? (result['rows'] as readonly Value[]) : []
  if (columns === undefined && result['rows'] === undefined) {
    if (result['error'] !== undefined) return [encodeError(result['error'])]
    if (result['text'] !== undefined) return [Buffer.from(isText(result['text']) ? bytesOf(result['text']) : [])]
    if (result['eof'] !== undefined)
      return [encodeEof(isTree(result['eof']) ? result['eof']['warnings'] : 0, flags(result['eof']))]
    return [encodeOk(result['ok'], capabilities, flags(result['ok']))]
  }
  const payloads: Buffer[] = []
  if (columns !== undefined) {
    const count = new ByteWriter().length(columns.length)
    const cached = has(capabilities, capability.mariadbCacheMetadata)
    const skip = cached && form.rows === 'binary' && isDeepStrictEqual(form.known, columns)
    if (cached) count.uint(skip ? 0 : 1, 1)
    payloads.push(count.bytes())
    if (!skip) payloads.push(...columns.map((column) => encodeColumn(column, capabilities)))
    const before = isTree(result['before']) ? result['before'] : result
    if (eofs) payloads.push(encodeEof(before['warnings'], flags(before)))
    if (eofs && result['cursor'] === true) return payloads
  }
  const shapes = (columns ?? form.known ?? []).map(columnShape)
  for (const row of rows) payloads.push(encodeRow(row, shapes, form.rows))
  if (result['error'] !== undefined) return [...payloads, encodeError(result['error'])]
  payloads.push(encodeRowsEnd(result, flags(result), eofs, capabilities))
  return payloads
}

function encodeRowsEnd(result: Tree, status: number, eofs: boolean, capabilities: bigint): Buffer {
  return eofs ? encodeEof(result['warnings'], status) : encodeOk(result, capabilities, status, 0xfe)
}

function encodeRow(row: Value, shapes: readonly ColumnShape[], form: 'text' | 'binary'): Buffer {
  const cells = Array.isArray(row) ? (row as readonly Value[]) : []
  if (form === 'text') return Buffer.concat(shapes.map((shape, index) => encodeTextCell(cells[index], shape)))
  const nulls = Buffer.alloc((shapes.length + 9) >> 3)
  const writer = new ByteWriter().uint(0, 1).raw(nulls)
  for (const [index, shape] of shapes.entries()) {
    const cell = cells[index] ?? null
    const bit = index + 2
    if (cell === null) nulls[bit >> 3] = (nulls[bit >> 3] as number) | (1 << (bit & 7))
    else writer.raw(encodeBinaryCell(cell, shape))
  }
  return writer.bytes()
}

/** The payloads that tell a client of a prepared statement. */
export function encodePrepared(response: Tree, statementId: number, capabilities: bigint, status: number): Buffer[] {
  const list = (key: string): readonly Value[] =>
    Array.isArray(response[key]) ? (response[key] as readonly Value[]) : []
  const parameters = list('parameters')
  const columns = list('columns')
  const eofs = !has(capabilities, capability.deprecateEof)
  const head = new ByteWriter()
    .uint(0, 1)
    .uint(statementId, 4)
    .uint(columns.length, 2)
    .uint(parameters.length, 2)
    .uint(0, 1)
    .uint(numberOf(response['warnings']), 2)
  const payloads = [head.bytes()]
  for (const definitions of [parameters, columns]) {
    if (definitions.length === 0) continue
    payloads.push(...definitions.map((definition) => encodeColumn(definition, capabilities)))
    if (eofs) payloads.push(encodeEof(0, status))
  }
  return payloads
}

function isText(value: Value | undefined): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array
}
