import { scalarText, type Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { cstring, int16, int32, message, type Cursor } from './bytes.ts'
import { oidOf, typeName, typeOfOid } from './types.ts'

/** A column of a result, as RowDescription says it. */
export interface Column {
  readonly name: string
  readonly type: number
  readonly table: number
  readonly column: number
  readonly size: number
  readonly modifier: number
  readonly binary: boolean
}

/** Reads the body of a RowDescription. */
export function readColumns(cursor: Cursor): Column[] {
  const columns: Column[] = []
  for (let left = cursor.int16(); left > 0 && !cursor.broken; left--) {
    const name = cursor.text()
    const table = cursor.uint32()
    const column = cursor.int16()
    const type = cursor.uint32()
    columns.push({
      name,
      table,
      column,
      type,
      size: cursor.int16(),
      modifier: cursor.int32(),
      binary: cursor.int16() === 1,
    })
  }
  return columns
}

/** Writes a RowDescription. */
export function writeColumns(columns: readonly Column[]): Buffer {
  const parts = columns.flatMap((column) => [
    cstring(column.name),
    int32(column.table),
    int16(column.column),
    int32(column.type),
    int16(column.size),
    int32(column.modifier),
    int16(column.binary ? 1 : 0),
  ])
  return message('T', int16(columns.length), ...parts)
}

/** Columns as they stand in a call; what is as usual is left out. */
export function columnsToTree(columns: readonly Column[]): Value {
  return columns.map(({ name, type, table, column, size, modifier, binary }) => ({
    name,
    type: typeName(type),
    ...(table !== 0 && { table }),
    ...(column !== 0 && { column }),
    ...(size !== (typeOfOid(type)?.size ?? -1) && { size }),
    ...(modifier !== -1 && { modifier }),
    ...(binary && { format: 'binary' }),
  }))
}

/** What `columnsToTree` gave. */
export function columnsFromTree(tree: Value | undefined): Column[] | undefined {
  if (!Array.isArray(tree)) return undefined
  const integer = (value: Value | undefined, otherwise: number): number =>
    Number.isInteger(Number(value)) ? Number(value) : otherwise
  return (tree as readonly Value[]).map((entry) => {
    const item = isTree(entry) ? entry : {}
    const type = oidOf(item['type'])
    return {
      name: scalarText(item['name']) ?? '',
      type,
      table: integer(item['table'] ?? 0, 0),
      column: integer(item['column'] ?? 0, 0),
      size: integer(item['size'] ?? undefined, typeOfOid(type)?.size ?? -1),
      modifier: integer(item['modifier'] ?? undefined, -1),
      binary: item['format'] === 'binary',
    }
  })
}

/** Columns in the formats that a Bind asks for: none is text, one is for all. */
export function withFormats(columns: readonly Column[], formats: readonly number[]): Column[] {
  return columns.map((column, index) => ({ ...column, binary: isBinary(formats, index) }))
}

/** Whether the format codes of a message make this value binary. */
export function isBinary(formats: readonly number[], index: number): boolean {
  return (formats.length === 1 ? formats[0] : formats[index]) === 1
}
