import type { Value } from '@keploy-framework/format'
import { Decimal128 } from 'bson'

/** Deeper documents are refused; servers refuse them too (at 180). */
const DEPTH = 200

/** Types of elements that are followed by a number of bytes that the type alone says. */
const FIXED: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0x7f: 0,
  0xff: 0,
}

/**
 * Reads a BSON document (bsonspec.org) as extended JSON that keeps every type: what `EJSON` calls canonical, but 32-bit
 * integers and numbers with a fraction stand as numbers, since nothing else is written so. Nothing when the bytes are no
 * document; never throws.
 *
 * @example
 * readDocument(Buffer.from('0c0000001061000100000000', 'hex')) // { a: 1 }
 */
export function readDocument(bytes: Buffer): { readonly [key: string]: Value } | undefined {
  if (bytes.length < 5 || bytes.readInt32LE(0) !== bytes.length) return undefined
  const cursor = { bytes, at: 0 }
  try {
    return readElements(cursor, DEPTH, false) as { readonly [key: string]: Value }
  } catch {
    // Lengths that point outside, numbers cut short.
    return undefined
  }
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

class Malformed extends Error {}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length
  if (length < 0 || end > cursor.bytes.length) throw new Malformed()
  const part = cursor.bytes.subarray(cursor.at, end)
  cursor.at = end
  return part
}

function readElements(cursor: Cursor, depth: number, list: boolean): Value {
  if (depth === 0) throw new Malformed()
  const start = cursor.at
  const end = start + take(cursor, 4).readInt32LE(0)
  if (end > cursor.bytes.length || end < start + 5) throw new Malformed()
  const entries: [string, Value][] = []
  for (;;) {
    const type = take(cursor, 1)[0] as number
    if (type === 0) break
    const key = readCString(cursor)
    entries.push([key, readElement(cursor, type, depth)])
  }
  if (cursor.at !== end) throw new Malformed()
  return list ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

function readCString(cursor: Cursor): string {
  const end = cursor.bytes.indexOf(0, cursor.at)
  if (end < 0) throw new Malformed()
  const text = cursor.bytes.toString('utf8', cursor.at, end)
  cursor.at = end + 1
  return text
}

function readString(cursor: Cursor): string {
  const bytes = take(cursor, take(cursor, 4).readInt32LE(0))
  if (bytes.at(-1) !== 0) throw new Malformed()
  return bytes.toString('utf8', 0, bytes.length - 1)
}

function readElement(cursor: Cursor, type: number, depth: number): Value {
  const size = FIXED[type]
  if (size !== undefined) return readFixed(type, take(cursor, size))
  switch (type) {
    case 0x02:
      return readString(cursor)
    case 0x03:
      return readElements(cursor, depth - 1, false)
    case 0x04:
      return readElements(cursor, depth - 1, true)
    case 0x05:
      return readBinary(cursor)
    case 0x0b: {
      const pattern = readCString(cursor)
      return { $regularExpression: { pattern, options: readCString(cursor) } }
    }
    case 0x0c: {
      const $ref = readString(cursor)
      return { $dbPointer: { $ref, $id: { $oid: take(cursor, 12).toString('hex') } } }
    }
    case 0x0d:
      return { $code: readString(cursor) }
    case 0x0e:
      return { $symbol: readString(cursor) }
    case 0x0f: {
      take(cursor, 4)
      const $code = readString(cursor)
      return { $code, $scope: readElements(cursor, depth - 1, false) }
    }
    default:
      throw new Malformed()
  }
}

function readFixed(type: number, bytes: Buffer): Value {
  switch (type) {
    case 0x01:
      return readDouble(bytes.readDoubleLE(0))
    case 0x06:
      return { $undefined: true }
    case 0x07:
      return { $oid: bytes.toString('hex') }
    case 0x08:
      return bytes[0] !== 0
    case 0x09:
      return { $date: { $numberLong: String(bytes.readBigInt64LE(0)) } }
    case 0x10:
      return bytes.readInt32LE(0)
    case 0x11:
      return { $timestamp: { t: bytes.readUInt32LE(4), i: bytes.readUInt32LE(0) } }
    case 0x12:
      return { $numberLong: String(bytes.readBigInt64LE(0)) }
    case 0x13:
      return { $numberDecimal: new Decimal128(new Uint8Array(bytes)).toString() }
    case 0x7f:
      return { $maxKey: 1 }
    case 0xff:
      return { $minKey: 1 }
    default:
      return null
  }
}

function readDouble(value: number): Value {
  if (Number.isFinite(value) && !Number.isInteger(value)) return value
  if (!Number.isFinite(value)) return { $numberDouble: String(value) }
  if (Object.is(value, -0)) return { $numberDouble: '-0.0' }
  const text = String(value)
  return { $numberDouble: /[.e]/.test(text) ? text : `${text}.0` }
}

function readBinary(cursor: Cursor): Value {
  const length = take(cursor, 4).readInt32LE(0)
  const subType = take(cursor, 1)[0] as number
  let bytes = take(cursor, length)
  // The old subtype has its length twice.
  if (subType === 2) {
    if (bytes.length < 4 || bytes.readInt32LE(0) !== bytes.length - 4) throw new Malformed()
    bytes = bytes.subarray(4)
  }
  return { $binary: { base64: bytes.toString('base64'), subType: subType.toString(16).padStart(2, '0') } }
}
