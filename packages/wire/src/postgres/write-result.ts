import type { Value } from '@keploy-framework/format'

import { bytesOf } from '../protocol/value.ts'
import { readNotification, type CopyFormat, type Notice, type Result } from './answer.ts'
import { cstring, int16, int32, message, sized } from './bytes.ts'
import { writeCell, type Cell } from './cells.ts'
import { writeColumns, type Column } from './columns.ts'
import { writeFields } from './fields.ts'

/** Writes CopyInResponse or CopyOutResponse. */
export function writeCopy({ direction, binary, columns }: CopyFormat): Buffer {
  const formats = columns.map((isBinary) => int16(isBinary ? 1 : 0))
  return message(direction === 'in' ? 'G' : 'H', Buffer.from([binary ? 1 : 0]), int16(columns.length), ...formats)
}

/** Writes a DataRow in the formats of `wanted`; a sentence when a value cannot be had in its format. */
export function writeRow(
  row: readonly Cell[],
  wanted: (index: number) => boolean,
  recorded: readonly Column[] | undefined,
): Buffer | { readonly problem: string } {
  const parts: Buffer[] = [int16(row.length)]
  for (const [index, cell] of row.entries()) {
    const column = recorded?.[index]
    const binary = wanted(index)
    const bytes = writeCell(cell, column?.type ?? 0, binary, column?.binary ?? binary)
    if (bytes === undefined) {
      const form = binary ? 'binary' : 'text'
      return {
        problem: `column ${index + 1} (${column?.name ?? '?'}) was not recorded in ${form} form and cannot be changed into it`,
      }
    }
    parts.push(sized(bytes))
  }
  return message('D', ...parts)
}

export const writeTag = (tag: string): Buffer => message('C', cstring(tag))

/** The notices of a result that came at a point. */
export function noticesAt(notices: readonly Notice[], after: Notice['after']): Buffer[] {
  return notices.filter((notice) => notice.after === after).map(({ fields }) => writeFields('N', fields))
}

/** What COPY … TO STDOUT sends: its format, its data, its end. */
export function writeCopyOut(result: Result): Buffer[] {
  if (result.copy === undefined || result.data === undefined) return []
  const data = result.data.map((piece) => message('d', bytesOf(piece)))
  return [writeCopy(result.copy), ...data, ...(result.tag === undefined ? [] : [message('c')])]
}

/** A result as the simple protocol has it: columns, rows and tag, all in text. */
export function writeSimpleResult(result: Result): Buffer[] | { readonly problem: string } {
  const { columns, rows, notices, tag } = result
  const parts = noticesAt(notices, undefined)
  if (columns !== undefined) parts.push(writeColumns(columns.map((column) => ({ ...column, binary: false }))))
  parts.push(...noticesAt(notices, 0))
  for (const [index, row] of rows.entries()) {
    const written = writeRow(row, () => false, columns)
    if (!Buffer.isBuffer(written)) return written
    parts.push(written, ...noticesAt(notices, index + 1))
  }
  parts.push(...writeCopyOut(result))
  if (result.empty === true) parts.push(message('I'))
  else if (tag !== undefined) parts.push(writeTag(tag))
  return [...parts, ...noticesAt(notices, 'end')]
}

/** Writes a NotificationResponse. */
export function writeNotification(tree: Value): Buffer {
  const { channel, payload } = readNotification(tree)
  return message('A', int32(1), cstring(channel), cstring(payload))
}
