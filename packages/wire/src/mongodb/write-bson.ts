import type { Value } from '@keploy-framework/format'
import { Decimal128 } from 'bson'

import { isTree } from '../protocol/value.ts'

type Tree = { readonly [key: string]: Value }
type Element = readonly [type: number, bytes: Buffer]

const EMPTY: Buffer = Buffer.alloc(0)

/**
 * Writes extended JSON as a BSON document: what `readDocument` gave, and what else extended JSON may look like (`$uuid`,
 * dates as text, all numbers with their type). What looks like a typed value but is none is written as the document that
 * it is; bytes become a binary value.
 *
 * @example
 * writeDocument({ a: 1 }).toString('hex') // '0c0000001061000100000000'
 */
export function writeDocument(tree: Tree): Buffer {
  return join(Object.keys(tree).map((key) => named(key, tree[key] as Value)))
}

function named(key: string, value: Value): Buffer {
  const [type, bytes] = writeValue(value)
  return Buffer.concat([Buffer.from([type]), cString(key), bytes])
}

function join(elements: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...elements, Buffer.from([0])])
  return Buffer.concat([int32(body.length + 4), body])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value | 0)
  return bytes
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt.asIntN(64, value))
  return bytes
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

// A key of BSON cannot hold a zero byte.
const cString = (text: string): Buffer => Buffer.from(`${text.replaceAll('\0', '')}\0`, 'utf8')

function string(text: string): Buffer {
  const bytes = Buffer.from(`${text}\0`, 'utf8')
  return Buffer.concat([int32(bytes.length), bytes])
}

function binary(bytes: Uint8Array, subType: number): Element {
  const data = subType === 2 ? Buffer.concat([int32(bytes.length), bytes]) : bytes
  return [0x05, Buffer.concat([int32(data.length), Buffer.from([subType]), data])]
}

function writeValue(value: Value): Element {
  if (value === null) return [0x0a, EMPTY]
  if (typeof value === 'boolean') return [0x08, Buffer.from([value ? 1 : 0])]
  if (typeof value === 'string') return [0x02, string(value)]
  if (typeof value === 'number') {
    const whole = Number.isInteger(value) && !Object.is(value, -0)
    if (whole && value >= -0x80000000 && value <= 0x7fffffff) return [0x10, int32(value)]
    return whole && Number.isSafeInteger(value) ? [0x12, int64(BigInt(value))] : [0x01, double(value)]
  }
  if (value instanceof Uint8Array) return binary(value, 0)
  if (Array.isArray(value)) return [0x04, join(value.map((item: Value, index) => named(String(index), item)))]
  const tree = value as Tree
  return writeTyped(tree) ?? [0x03, writeDocument(tree)]
}

/** Writes a tree with a `$` key as the value that it stands for. */
function writeTyped(tree: Tree): Element | undefined {
  const keys = Object.keys(tree)
  const key = keys[0]
  if (key === undefined || !key.startsWith('$') || keys.length > 2) return undefined
  const value = tree[key] as Value
  if (keys.length === 2) return writePair(tree)
  if (typeof value === 'string') return writeText(key, value)
  if (isTree(value)) return writeNested(key, value)
  if (key === '$minKey' && value === 1) return [0xff, EMPTY]
  if (key === '$maxKey' && value === 1) return [0x7f, EMPTY]
  return key === '$undefined' && value === true ? [0x06, EMPTY] : undefined
}

function writePair(tree: Tree): Element | undefined {
  const { $code, $scope, $binary, $type } = tree
  if (typeof $code === 'string' && isTree($scope)) {
    const body = Buffer.concat([string($code), writeDocument($scope)])
    return [0x0f, Buffer.concat([int32(body.length + 4), body])]
  }
  // The older form of binary values.
  return typeof $binary === 'string' && typeof $type === 'string'
    ? binary(Buffer.from($binary, 'base64'), (Number.parseInt($type, 16) || 0) & 0xff)
    : undefined
}

function writeText(key: string, text: string): Element | undefined {
  const integer = /^[+-]?\d{1,20}$/.test(text)
  switch (key) {
    case '$oid':
      return /^[0-9a-fA-F]{24}$/.test(text) ? [0x07, Buffer.from(text, 'hex')] : undefined
    case '$numberInt':
      return integer ? [0x10, int32(Number(text))] : undefined
    case '$numberLong':
      return integer ? [0x12, int64(BigInt(text.replace(/^\+/, '')))] : undefined
    case '$numberDouble':
      return /^(?:NaN|-?Infinity|[+-]?[\d.]+(?:[eE][+-]?\d+)?)$/.test(text) ? [0x01, double(Number(text))] : undefined
    case '$numberDecimal':
      return writeDecimal(text)
    case '$date': {
      const time = Date.parse(text)
      return Number.isNaN(time) ? undefined : [0x09, int64(BigInt(time))]
    }
    case '$uuid': {
      const hex = text.replaceAll('-', '')
      return /^[0-9a-fA-F]{32}$/.test(hex) ? binary(Buffer.from(hex, 'hex'), 4) : undefined
    }
    case '$code':
      return [0x0d, string(text)]
    case '$symbol':
      return [0x0e, string(text)]
    default:
      return undefined
  }
}

function writeDecimal(text: string): Element | undefined {
  try {
    return [0x13, Buffer.from(Decimal128.fromString(text).bytes)]
  } catch {
    return undefined
  }
}

function writeNested(key: string, value: Tree): Element | undefined {
  if (key === '$date') {
    const { $numberLong } = value
    if (typeof $numberLong !== 'string' || !/^-?\d{1,20}$/.test($numberLong)) return undefined
    return [0x09, int64(BigInt($numberLong))]
  }
  if (key === '$timestamp') {
    const { t, i } = value
    if (typeof t !== 'number' || typeof i !== 'number') return undefined
    return [0x11, Buffer.concat([int32(i), int32(t)])]
  }
  if (key === '$binary') {
    const { base64, subType } = value
    if (typeof base64 !== 'string' || typeof subType !== 'string') return undefined
    return binary(Buffer.from(base64, 'base64'), (Number.parseInt(subType, 16) || 0) & 0xff)
  }
  if (key === '$regularExpression') {
    const { pattern, options } = value
    if (typeof pattern !== 'string' || typeof options !== 'string') return undefined
    return [0x0b, Buffer.concat([cString(pattern), cString(options)])]
  }
  if (key !== '$dbPointer') return undefined
  const { $ref, $id } = value
  const id = isTree($id) ? $id['$oid'] : undefined
  if (typeof $ref !== 'string' || typeof id !== 'string' || !/^[0-9a-fA-F]{24}$/.test(id)) return undefined
  return [0x0c, Buffer.concat([string($ref), Buffer.from(id, 'hex')])]
}
