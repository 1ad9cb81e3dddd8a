import { Cursor } from './bytes.ts'
import type { Cell } from './cells.ts'
import { readCell } from './cells.ts'
import { isBinary } from './columns.ts'

/** A statement as Parse made it known. */
export interface Statement {
  readonly sql: string
  /** Types of its parameters, as far as they are known; 0: unknown. */
  types: readonly number[]
  /** Types that the client named. */
  readonly named: readonly number[]
}

export interface Bound {
  readonly portal: string
  readonly statement: string
  readonly formats: readonly number[]
  readonly values: readonly (Buffer | null)[]
  readonly resultFormats: readonly number[]
}

function list<Item>(cursor: Cursor, read: () => Item): Item[] {
  const items: Item[] = []
  for (let left = cursor.int16() & 0xffff; left > 0 && !cursor.broken; left--) items.push(read())
  return items
}

/** Reads a Parse message: the name, and the statement. */
export function readParse(body: Buffer): { readonly name: string; readonly statement: Statement } | undefined {
  const cursor = new Cursor(body)
  const name = cursor.text()
  const sql = cursor.text()
  const named = list(cursor, () => cursor.uint32())
  return cursor.broken ? undefined : { name, statement: { sql, types: named, named } }
}

/** Reads a Bind message. */
export function readBind(body: Buffer): Bound | undefined {
  const cursor = new Cursor(body)
  const portal = cursor.text()
  const statement = cursor.text()
  const formats = list(cursor, () => cursor.int16())
  const values = list(cursor, () => cursor.value())
  const resultFormats = list(cursor, () => cursor.int16())
  return cursor.broken ? undefined : { portal, statement, formats, values, resultFormats }
}

/** The values of a Bind, as they stand in a call. */
export function readParameters(bound: Bound, types: readonly number[]): Cell[] {
  return bound.values.map((value, index) => readCell(value, types[index] ?? 0, isBinary(bound.formats, index)))
}

/** Reads a Describe or a Close: `S` and the name of a statement, or `P` and that of a portal. */
export function readTarget(body: Buffer): { readonly kind: 'S' | 'P'; readonly name: string } | undefined {
  const cursor = new Cursor(body)
  const kind = String.fromCharCode(cursor.byte())
  const name = cursor.text()
  return cursor.broken || (kind !== 'S' && kind !== 'P') ? undefined : { kind, name }
}

/** Reads an Execute: the portal, and how many rows at most (0: all). */
export function readExecute(body: Buffer): { readonly portal: string; readonly max: number } | undefined {
  const cursor = new Cursor(body)
  const portal = cursor.text()
  const max = cursor.int32()
  return cursor.broken ? undefined : { portal, max: Math.max(0, max) }
}

/** The request of a call, of what was asked: `params` only where there are some. */
export function requestTree(
  sql: string,
  params: readonly Cell[],
  more: { readonly failed?: boolean; readonly input?: string | Uint8Array; readonly copyFailed?: string } = {},
): { readonly [key: string]: Cell | readonly Cell[] } {
  return {
    sql,
    ...(params.length > 0 && { params }),
    ...(more.failed === true && { transaction: 'failed' }),
    ...(more.input !== undefined && { input: more.input }),
    ...(more.copyFailed !== undefined && { copyFailed: more.copyFailed }),
  }
}
