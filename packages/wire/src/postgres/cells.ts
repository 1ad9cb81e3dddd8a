import { textOrBytes } from '../protocol/value.ts'
import { arrayBytes, arrayText } from './arrays.ts'
import { scalars } from './scalars.ts'
import { typeOfOid } from './types.ts'

/** A value of a row or of a parameter: text as Postgres writes it, or bytes where there is no text for them. */
export type Cell = string | Uint8Array | null

/** The binary form of a text; nothing for types or texts that are not known. */
export function toBinary(oid: number, text: string): Buffer | undefined {
  const element = typeOfOid(oid)?.element
  if (element !== undefined) return arrayBytes(element, text)
  return scalars.get(oid)?.toBytes(text)
}

/**
 * Reads a value. One in binary form becomes the text that Postgres would write, if the same bytes come out of that text
 * again; otherwise it stays bytes.
 *
 * @example
 * readCell(Buffer.from([0, 0, 0, 7]), 23, true) // '7'
 */
export function readCell(bytes: Buffer | null, oid: number, binary: boolean): Cell {
  if (bytes === null) return null
  if (!binary) return textOrBytes(bytes)
  const element = typeOfOid(oid)?.element
  const text = element === undefined ? scalars.get(oid)?.toText(bytes) : arrayText(element, bytes)
  if (text !== undefined && toBinary(oid, text)?.equals(bytes) === true) return text
  return new Uint8Array(bytes)
}

/**
 * Writes a value in the form that a client asked for. `recordedBinary` says in which form bytes that are no text stand.
 * Nothing: it cannot be had in this form.
 */
export function writeCell(
  cell: Cell,
  oid: number,
  binary: boolean,
  recordedBinary: boolean,
): Uint8Array | null | undefined {
  if (cell === null) return null
  if (typeof cell !== 'string') return binary === recordedBinary || cell.length === 0 ? cell : undefined
  return binary ? toBinary(oid, cell) : Buffer.from(cell, 'utf8')
}
