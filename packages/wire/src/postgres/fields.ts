import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { cstring, message, type Cursor } from './bytes.ts'

/** The fields of errors and notices, by their letters (PostgreSQL documentation, section 55.8). */
const names: readonly (readonly [letter: string, name: string])[] = [
  ['S', 'severity'],
  ['V', 'severityUnlocalized'],
  ['C', 'code'],
  ['M', 'message'],
  ['D', 'detail'],
  ['H', 'hint'],
  ['P', 'position'],
  ['p', 'internalPosition'],
  ['q', 'internalQuery'],
  ['W', 'where'],
  ['s', 'schema'],
  ['t', 'table'],
  ['c', 'column'],
  ['d', 'dataType'],
  ['n', 'constraint'],
  ['F', 'file'],
  ['L', 'line'],
  ['R', 'routine'],
]
const nameOf = new Map(names)
const letterOf = new Map(names.map(([letter, name]) => [name, letter]))

/** Reads the body of an ErrorResponse or a NoticeResponse. A field that nobody knows has its letter for a name. */
export function readFields(cursor: Cursor): { readonly [name: string]: string } {
  const fields: [string, string][] = []
  while (!cursor.broken) {
    const letter = cursor.byte()
    if (letter === 0) break
    const text = String.fromCharCode(letter)
    fields.push([nameOf.get(text) ?? text, cursor.text()])
  }
  return Object.fromEntries(fields)
}

/** Writes an error (`E`) or a notice (`N`). */
export function writeFields(letter: 'E' | 'N', fields: Value): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of isTree(fields) ? Object.entries(fields) : []) {
    const code = letterOf.get(name) ?? (name.length === 1 ? name : undefined)
    if (code === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue
    parts.push(Buffer.from(code, 'latin1'), cstring(String(value)))
  }
  return message(letter, ...parts, Buffer.alloc(1))
}

/** An error that the mock server makes by itself. */
export function ownError(
  code: string,
  text: string,
  severity: 'ERROR' | 'FATAL' = 'ERROR',
): { readonly [name: string]: string } {
  return { severity, severityUnlocalized: severity, code, message: text }
}
