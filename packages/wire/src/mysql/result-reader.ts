import type { Value } from '@keploy-framework/format'

import { textOrBytes } from '../protocol/value.ts'
import { ByteCursor, PacketEnd } from './byte-cursor.ts'
import { capability, has } from './capabilities.ts'
import { decodeBinaryCell, decodeTextCell } from './cells.ts'
import { columnShape, decodeColumn, type ColumnShape } from './column.ts'
import { decodeEof, decodeError, decodeOk, type Tree } from './outcome.ts'
import { serverStatus } from './status.ts'

/** How the answer to a command is built. */
export type AnswerShape = 'ok' | 'text-rows' | 'binary-rows' | 'prepare' | 'fetch' | 'fields' | 'line'

type Expect = 'first' | 'columns' | 'columns-end' | 'rows' | 'parameters' | 'parameters-end'

/** Builds the answer to one command from the payloads of the server. */
export class ResultReader {
  readonly #shape: AnswerShape
  readonly #capabilities: bigint
  readonly #known: readonly Tree[]
  #expect: Expect = 'first'
  #left = 0
  #columnsLeft = 0
  #columns: Tree[] = []
  #parameters: Tree[] = []
  #shapes: ColumnShape[] = []
  #rows: Value[] = []
  #warnings = 0
  #between: Tree | undefined
  #file: Value | undefined
  readonly #results: Value[] = []
  /** Set for prepared statements. */
  statementId: number | undefined
  /** Set while the server waits for the file of `LOAD DATA LOCAL`. */
  wantsFile = false

  /** `known`: the columns of the prepared statement, which MariaDB does not send again. */
  constructor(shape: AnswerShape, capabilities: bigint, known: readonly Tree[] = []) {
    this.#shape = shape
    this.#capabilities = capabilities
    this.#known = known
    if (shape !== 'fetch' && shape !== 'fields') return
    this.#expect = 'rows'
    this.#columns = shape === 'fetch' ? [...known] : []
    this.#shapes = this.#columns.map(columnShape)
  }

  get response(): Value {
    return this.#results.length === 1 ? (this.#results[0] as Value) : this.#results
  }

  get columns(): readonly Tree[] {
    return this.#columns
  }

  get parameters(): readonly Tree[] {
    return this.#parameters
  }

  /** Takes a payload; true when the answer is whole. Throws `PacketEnd` or a `RangeError` when it cannot be read. */
  push(payload: Buffer): boolean {
    if (payload.length === 0) throw new PacketEnd('an empty packet in an answer')
    if (payload[0] === 0xff && this.#expect !== 'columns' && this.#expect !== 'parameters') {
      // MariaDB tells the progress of long statements this way.
      if (payload.readUInt16LE(1) === 0xffff) return false
      const rows = this.#expect === 'rows' && this.#shape !== 'fields' && this.#columns.length > 0
      return this.#end({ ...(rows && { columns: this.#columns, rows: this.#rows }), error: decodeError(payload) })
    }
    switch (this.#expect) {
      case 'first':
        return this.#first(payload)
      case 'parameters':
        this.#parameters.push(decodeColumn(payload, this.#capabilities))
        return --this.#left === 0 && this.#parametersDone()
      case 'parameters-end':
        return this.#columnsNext()
      case 'columns':
        this.#columns.push(decodeColumn(payload, this.#capabilities))
        return --this.#left === 0 && this.#columnsDone()
      case 'columns-end':
        return this.#columnsEnd(payload)
      case 'rows':
        return this.#row(payload)
    }
  }

  get #eofs(): boolean {
    return !has(this.#capabilities, capability.deprecateEof)
  }

  #first(payload: Buffer): boolean {
    if (this.#shape === 'line') return this.#end({ text: textOrBytes(payload) })
    if (this.#shape === 'prepare') return this.#prepared(payload)
    if (payload[0] === 0 || (this.#shape === 'ok' && payload[0] === 0xfe)) {
      const { tree, status } = payload[0] === 0 ? decodeOk(payload, this.#capabilities) : decodeEof(payload)
      const file = this.#file
      this.#file = undefined
      const mark = payload[0] === 0 ? { ok: tree } : { eof: tree }
      return this.#result({ ...(file !== undefined && { infile: file }), ...mark }, status)
    }
    if (payload[0] === 0xfb) {
      this.#file = textOrBytes(payload.subarray(1))
      this.wantsFile = true
      return false
    }
    if (this.#shape === 'ok') throw new PacketEnd('neither OK nor ERR')
    const cursor = new ByteCursor(payload)
    const count = Number(cursor.length())
    if (count === 0 || count > 65535) throw new PacketEnd('a result of no columns, or of too many')
    this.#columns = []
    this.#rows = []
    this.#left = count
    this.#expect = 'columns'
    if (cursor.left > 0 && has(this.#capabilities, capability.mariadbCacheMetadata) && cursor.uint(1) === 0) {
      if (this.#known.length !== count) throw new PacketEnd('columns that were never sent')
      this.#columns = [...this.#known]
      return this.#columnsDone()
    }
    return false
  }

  #prepared(payload: Buffer): boolean {
    const cursor = new ByteCursor(payload)
    if (cursor.uint(1) !== 0) throw new PacketEnd('neither a prepared statement nor ERR')
    this.statementId = cursor.uint(4)
    this.#columnsLeft = cursor.uint(2)
    this.#left = cursor.uint(2)
    if (cursor.left > 0) cursor.uint(1)
    this.#warnings = cursor.left >= 2 ? cursor.uint(2) : 0
    if (this.#left > 0) {
      this.#expect = 'parameters'
      return false
    }
    return this.#columnsNext()
  }

  #parametersDone(): boolean {
    if (!this.#eofs) return this.#columnsNext()
    this.#expect = 'parameters-end'
    return false
  }

  #columnsNext(): boolean {
    this.#left = this.#columnsLeft
    if (this.#left === 0) return this.#preparedDone()
    this.#expect = 'columns'
    return false
  }

  #columnsDone(): boolean {
    this.#shapes = this.#columns.map(columnShape)
    this.#expect = this.#eofs ? 'columns-end' : 'rows'
    return !this.#eofs && this.#shape === 'prepare' && this.#preparedDone()
  }

  #columnsEnd(payload: Buffer): boolean {
    if (payload[0] !== 0xfe) throw new PacketEnd('columns without their end')
    if (this.#shape === 'prepare') return this.#preparedDone()
    const { tree, status } = decodeEof(payload)
    this.#between = tree
    this.#expect = 'rows'
    if ((status & serverStatus.cursor) === 0 || this.#shape !== 'binary-rows') return false
    return this.#result({ columns: this.#columns, ...tree, cursor: true }, status)
  }

  #preparedDone(): boolean {
    return this.#end({
      parameters: this.#parameters,
      columns: this.#columns,
      ...(this.#warnings !== 0 && { warnings: this.#warnings }),
    })
  }

  #row(payload: Buffer): boolean {
    if (payload[0] === 0xfe && payload.length < (this.#eofs ? 9 : 0xffffff)) return this.#rowsEnd(payload)
    const cursor = new ByteCursor(payload)
    if (this.#shape === 'fields') this.#rows.push(decodeColumn(payload, this.#capabilities))
    else if (this.#shape === 'text-rows')
      this.#rows.push(this.#shapes.map((shape) => decodeTextCell(cursor.stringOrNull(), shape)))
    else this.#rows.push(decodeBinaryRow(cursor, this.#shapes))
    return false
  }

  #rowsEnd(payload: Buffer): boolean {
    const { tree, status } = this.#eofs ? decodeEof(payload) : decodeOk(payload, this.#capabilities)
    const { affectedRows, insertId, ...rest } = tree
    if (this.#shape === 'fields') return this.#end({ fields: this.#rows, ...rest })
    const first = this.#between
    const same = first === undefined || (first['warnings'] === rest['warnings'] && first['status'] === rest['status'])
    return this.#result(
      {
        ...(this.#shape !== 'fetch' && { columns: this.#columns }),
        rows: this.#rows,
        ...rest,
        ...(affectedRows !== undefined && affectedRows !== 0 && { affectedRows }),
        ...(insertId !== undefined && insertId !== 0 && { insertId }),
        // Without an own status the one before the rows was the usual one.
        ...(!same && {
          before: {
            warnings: first['warnings'] ?? 0,
            ...(first['status'] !== undefined && { status: first['status'] }),
          },
        }),
      },
      status,
    )
  }

  #result(result: Tree, status: number): boolean {
    this.#results.push(result)
    this.#expect = 'first'
    this.#between = undefined
    return (status & serverStatus.moreResults) === 0
  }

  #end(result: Tree): boolean {
    const file = this.#file
    this.#results.push(file === undefined ? result : { infile: file, ...result })
    return true
  }
}

/** A row in binary form: a bitmap of what is NULL, then the others. */
export function decodeBinaryRow(cursor: ByteCursor, shapes: readonly ColumnShape[]): Value[] {
  if (cursor.uint(1) !== 0) throw new PacketEnd('a row does not begin with 0')
  const nulls = cursor.take((shapes.length + 9) >> 3)
  return shapes.map((shape, index) => {
    const bit = index + 2
    if (((nulls[bit >> 3] as number) & (1 << (bit & 7))) !== 0) return null
    return decodeBinaryCell(cursor, shape, shape.decimals)
  })
}
