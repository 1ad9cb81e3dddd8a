import type { Value } from '@keploy-framework/format'

import { bytesOf, textOrBytes } from '../protocol/value.ts'
import { ByteCursor } from './byte-cursor.ts'
import { ByteWriter } from './byte-writer.ts'
import { columnType, typeCode } from './column-types.ts'
import { isUnsigned, type ColumnShape } from './column.ts'
import { readDate, readTime, writeDate, writeTime } from './temporal.ts'

const { tiny, short, long, longlong, int24, year, float, double, bit, date, newdate, datetime, timestamp, time } =
  columnType
const integerTypes = new Set<number>([tiny, short, long, longlong, int24, year])
const dateTypes = new Set<number>([date, newdate, datetime, timestamp, columnType.datetime2, columnType.timestamp2])
const timeTypes = new Set<number>([time, columnType.time2])
const integerSizes: Readonly<Record<number, number>> = {
  [tiny]: 1,
  [short]: 2,
  [year]: 2,
  [long]: 4,
  [int24]: 4,
  [longlong]: 8,
}

/** A value of a row in text form: numbers as numbers where they come out the same, all else as text or bytes. */
export function decodeTextCell(bytes: Buffer | null, column: ColumnShape): Value {
  if (bytes === null) return null
  if (column.type === bit) return decodeBits(bytes, column)
  const value = textOrBytes(bytes)
  if (typeof value !== 'string') return value
  if (integerTypes.has(column.type) || column.type === float || column.type === double) {
    const number = Number(value)
    if (Number.isFinite(number) && String(number) === value && !isUnsafe(number, column)) return number
  }
  return value
}

/** Writes a value of a row in text form. */
export function encodeTextCell(value: Value | undefined, column: ColumnShape): Buffer {
  if (value === null || value === undefined) return new ByteWriter().null().bytes()
  if (column.type === bit) return new ByteWriter().string(encodeBits(value, column)).bytes()
  return new ByteWriter().string(looseBytes(value)).bytes()
}

/**
 * A value of a row, or a parameter, in binary form. What would not come out the same again is kept as bytes: those of the
 * value for types of a fixed size, else those without the length.
 */
export function decodeBinaryCell(cursor: ByteCursor, column: ColumnShape, decimals?: number): Value {
  const start = cursor.at
  const value = readBinary(cursor, column, decimals)
  const raw = cursor.bytes.subarray(start, cursor.at)
  if (encodeBinaryCell(value, column).equals(raw)) return value
  return new Uint8Array(hasLength(column.type) ? new ByteCursor(raw).string() : raw)
}

/**
 * A parameter in binary form. Times are told by what they say, not by how many bytes the client took for it: mysql2 sends
 * microseconds even where there are none, and a moment with none must not look like another kind of value.
 */
export function decodeParameter(cursor: ByteCursor, column: ColumnShape): Value {
  const { type } = column
  return dateTypes.has(type) || timeTypes.has(type) ? readBinary(cursor, column) : decodeBinaryCell(cursor, column)
}

function readBinary(cursor: ByteCursor, column: ColumnShape, decimals?: number): Value {
  const { type } = column
  const size = integerSizes[type]
  if (size !== undefined) return readInteger(cursor, size, isUnsigned(column))
  if (type === float) return readFloat(cursor.take(4).readFloatLE())
  if (type === double) return readFloat(cursor.take(8).readDoubleLE(), true)
  if (dateTypes.has(type)) return readDate(cursor, type === date || type === newdate, decimals)
  if (timeTypes.has(type)) return readTime(cursor, decimals)
  if (type === bit) return decodeBits(cursor.string(), column)
  if (type === columnType.null) return null
  return textOrBytes(cursor.string())
}

/** Writes a value in binary form, whichever form it was recorded in. */
export function encodeBinaryCell(value: Value | undefined, column: ColumnShape): Buffer {
  const { type } = column
  const size = integerSizes[type]
  if (size !== undefined) return fixed(value, size, () => writeInteger(value, size))
  if (type === float || type === double) {
    const bytes = type === float ? 4 : 8
    return fixed(value, bytes, () => writeFloat(Number(value), bytes))
  }
  if (dateTypes.has(type) || timeTypes.has(type)) {
    if (value instanceof Uint8Array) return Buffer.from(value)
    const text = typeof value === 'string' ? value : ''
    return (timeTypes.has(type) ? writeTime(text) : writeDate(text)) ?? Buffer.from([0])
  }
  if (type === bit) return new ByteWriter().string(encodeBits(value ?? '', column)).bytes()
  if (type === columnType.null) return Buffer.alloc(0)
  return new ByteWriter().string(looseBytes(value ?? '')).bytes()
}

/** Whether binary values of a type are strings behind their length. */
function hasLength(type: number): boolean {
  if (integerTypes.has(type) || type === float || type === double || type === columnType.null) return false
  return !dateTypes.has(type) && !timeTypes.has(type)
}

function fixed(value: Value | undefined, size: number, write: () => Buffer): Buffer {
  if (value instanceof Uint8Array && value.length === size) return Buffer.from(value)
  return write()
}

function readInteger(cursor: ByteCursor, size: number, unsigned: boolean): Value {
  if (size < 8) {
    const bytes = cursor.take(size)
    return unsigned ? bytes.readUIntLE(0, size) : bytes.readIntLE(0, size)
  }
  const raw = cursor.uint64()
  const value = unsigned ? raw : BigInt.asIntN(64, raw)
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function writeInteger(value: Value | undefined, size: number): Buffer {
  let integer = 0n
  if (typeof value === 'number' && Number.isFinite(value)) integer = BigInt(Math.trunc(value))
  else if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) integer = BigInt(value)
  else if (value === true) integer = 1n
  return new ByteWriter().uint64(integer).bytes().subarray(0, size)
}

/** The shortest decimal that gives the same 4 bytes, or the number itself; as text what a number cannot say. */
function readFloat(value: number, wide = false): Value {
  if (!Number.isFinite(value) || Object.is(value, -0)) return Object.is(value, -0) ? '-0' : String(value)
  if (wide) return value
  for (let digits = 6; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

function writeFloat(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  if (size === 4) bytes.writeFloatLE(value)
  else bytes.writeDoubleLE(value)
  return bytes
}

function decodeBits(bytes: Buffer, column: ColumnShape): Value {
  if (bytes.length === 0 || bytes.length > 8) return new Uint8Array(bytes)
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const readable = Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return Buffer.from(encodeBits(readable, column)).equals(bytes) ? readable : new Uint8Array(bytes)
}

function encodeBits(value: Value, column: ColumnShape): Uint8Array {
  if (typeof value !== 'number' && !(typeof value === 'string' && /^\d{1,20}$/.test(value))) return looseBytes(value)
  const size = Math.min(8, Math.max(1, Math.ceil(column.length / 8)))
  return new ByteWriter()
    .uint64(BigInt(typeof value === 'number' ? Math.trunc(value) || 0 : value))
    .bytes()
    .subarray(0, size)
    .reverse()
}

function looseBytes(value: Value): Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return bytesOf(value)
  if (typeof value === 'boolean') return bytesOf(value ? '1' : '0')
  if (typeof value === 'object') return bytesOf(JSON.stringify(value))
  return bytesOf(String(value))
}

function isUnsafe(value: number, column: ColumnShape): boolean {
  return integerTypes.has(column.type) && !Number.isSafeInteger(value)
}

/** The shape of a parameter, of which only the type is known. */
export function parameterShape(type: string | number, unsigned: boolean): ColumnShape {
  return { type: typeCode(type), flags: unsigned ? 32 : 0, decimals: 0, length: 64 }
}
