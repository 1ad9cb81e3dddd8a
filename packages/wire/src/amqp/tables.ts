import { isUtf8 } from 'node:buffer'

import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { Input, longString, Malformed, shortString, uint } from './bytes.ts'

type Tree = { readonly [key: string]: Value }
const DEPTH = 60

/**
 * Reads a table (of headers, arguments, properties of a client) with RabbitMQ's types of fields. Text, truth values,
 * 32-bit integers, numbers with a fraction, byte arrays, lists and tables stand as they are; all else under the name of
 * its type: `{ $int64: '5' }`, `{ $timestamp: '1700000000' }`.
 */
export function readTable(input: Input, depth = DEPTH): Tree {
  if (depth === 0) throw new Malformed()
  const inner = new Input(input.long())
  const entries: [string, Value][] = []
  while (inner.left > 0) {
    const key = inner.short().toString('utf8')
    entries.push([key, readField(inner, depth)])
  }
  return Object.fromEntries(entries)
}

function readField(input: Input, depth: number): Value {
  const type = String.fromCharCode(input.uint(1))
  switch (type) {
    case 't':
      return input.uint(1) !== 0
    case 'b':
      return { $int8: input.int(1) }
    case 'B':
      return { $uint8: input.uint(1) }
    case 's':
      return { $int16: input.int(2) }
    case 'u':
      return { $uint16: input.uint(2) }
    case 'I':
      return input.int(4)
    case 'i':
      return { $uint32: input.uint(4) }
    case 'l':
    case 'L':
      return { $int64: String(input.take(8).readBigInt64BE()) }
    case 'f':
      return { $float: String(input.take(4).readFloatBE()) }
    case 'd': {
      const value = input.take(8).readDoubleBE()
      return Number.isInteger(value) || !Number.isFinite(value)
        ? { $double: Object.is(value, -0) ? '-0' : String(value) }
        : value
    }
    case 'D': {
      const scale = input.uint(1)
      return { $decimal: `${input.int(4)}e-${scale}` }
    }
    case 'S': {
      const bytes = input.long()
      return isUtf8(bytes) ? bytes.toString('utf8') : { $longstr: new Uint8Array(bytes) }
    }
    case 'x':
      return new Uint8Array(input.long())
    case 'T':
      return { $timestamp: String(input.take(8).readBigUInt64BE()) }
    case 'V':
      return null
    case 'F':
      return readTable(input, depth - 1)
    case 'A':
      return readList(input, depth - 1)
    default:
      throw new Malformed()
  }
}

function readList(input: Input, depth: number): Value {
  if (depth === 0) throw new Malformed()
  const inner = new Input(input.long())
  const items: Value[] = []
  while (inner.left > 0) items.push(readField(inner, depth))
  return items
}

/** Writes what `readTable` gave. */
export function writeTable(table: Tree): Buffer {
  const parts = Object.keys(table).flatMap((key) => [shortString(key), writeField(table[key] as Value)])
  return longString(Buffer.concat(parts))
}

const typed = (type: string, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from(type, 'latin1'), bytes])

function writeField(value: Value): Buffer {
  if (value === null) return typed('V', Buffer.alloc(0))
  if (typeof value === 'boolean') return typed('t', uint(1, value ? 1 : 0))
  if (typeof value === 'string') return typed('S', longString(Buffer.from(value, 'utf8')))
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return typed('d', double(value))
    return value >= -0x80000000 && value <= 0x7fffffff ? typed('I', uint(4, value)) : typed('l', uint(8, value))
  }
  if (value instanceof Uint8Array) return typed('x', longString(value))
  if (Array.isArray(value)) return typed('A', longString(Buffer.concat(value.map((item: Value) => writeField(item)))))
  const tree = value as Tree
  return writeNamed(tree) ?? typed('F', writeTable(tree))
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function writeNamed(tree: Tree): Buffer | undefined {
  const keys = Object.keys(tree)
  const [key] = keys
  if (keys.length !== 1 || key === undefined || !key.startsWith('$')) return undefined
  const value = tree[key] as Value
  if (key === '$longstr' && value instanceof Uint8Array) return typed('S', longString(value))
  if (typeof value === 'number') return writeSmall(key, value)
  if (typeof value !== 'string') return undefined
  if (key === '$float') {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatBE(Number(value))
    return typed('f', bytes)
  }
  if (key === '$double') return typed('d', double(Number(value)))
  if (key === '$decimal') {
    const parts = /^(-?\d{1,10})e-(\d{1,3})$/.exec(value)
    return parts === null
      ? undefined
      : typed('D', Buffer.concat([uint(1, Number(parts[2])), uint(4, Number(parts[1]))]))
  }
  if (!/^-?\d{1,20}$/.test(value)) return undefined
  if (key === '$int64') return typed('l', uint(8, BigInt(value)))
  return key === '$timestamp' ? typed('T', uint(8, BigInt(value))) : undefined
}

function writeSmall(key: string, value: number): Buffer | undefined {
  switch (key) {
    case '$int8':
      return typed('b', uint(1, value))
    case '$uint8':
      return typed('B', uint(1, value))
    case '$int16':
      return typed('s', uint(2, value))
    case '$uint16':
      return typed('u', uint(2, value))
    case '$uint32':
      return typed('i', uint(4, value))
    default:
      return undefined
  }
}

/** A value of a call where a table is wanted. */
export function asTable(value: Value | undefined): Tree {
  return isTree(value) ? value : {}
}
