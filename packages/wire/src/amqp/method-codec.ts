import type { Value } from '@keploy-framework/format'

import { bytesOf, textOrBytes } from '../protocol/value.ts'
import { Input, longString, shortString, uint } from './bytes.ts'
import { methodNamed, methodOf, type FieldType } from './methods.ts'
import { asTable, readTable, writeTable } from './tables.ts'

/** A method and its arguments: `{ method: 'queue.purge', queue: 'orders', nowait: false }`. */
export type MethodTree = { readonly method: string; readonly [argument: string]: Value }

/** Reads the payload of a method frame; nothing when it is malformed or of a method that nobody specified. */
export function readMethod(payload: Buffer): MethodTree | undefined {
  try {
    const input = new Input(payload)
    const method = methodOf(input.uint(2), input.uint(2))
    if (method === undefined) return undefined
    const entries: [string, Value][] = [['method', method.name]]
    let bit = 0
    let bits = 0
    for (const { name, type } of method.fields) {
      let value: Value
      if (type === 'bit') {
        // Neighbouring bits share an octet.
        if (bit === 0) bits = input.uint(1)
        value = (bits & (1 << bit)) !== 0
        bit = (bit + 1) % 8
      } else {
        bit = 0
        value = readArgument(input, type)
      }
      if (name !== undefined) entries.push([name, value])
    }
    return input.left === 0 ? (Object.fromEntries(entries) as MethodTree) : undefined
  } catch {
    return undefined
  }
}

function readArgument(input: Input, type: Exclude<FieldType, 'bit'>): Value {
  switch (type) {
    case 'octet':
      return input.uint(1)
    case 'short':
      return input.uint(2)
    case 'long':
      return input.uint(4)
    case 'longlong':
      return String(input.take(8).readBigUInt64BE())
    case 'shortstr':
      return textOrBytes(input.short())
    case 'longstr':
      return textOrBytes(input.long())
    case 'table':
      return readTable(input)
  }
}

/** Writes the payload of a method frame; arguments that are missing are zero, empty or false. Nothing for an unknown method. */
export function writeMethod(tree: MethodTree): Buffer | undefined {
  const method = methodNamed(tree.method)
  if (method === undefined) return undefined
  const parts = [uint(2, method.classId), uint(2, method.methodId)]
  let bits: number[] = []
  const flush = (): void => {
    for (let at = 0; at < bits.length; at += 8) {
      parts.push(
        uint(
          1,
          bits.slice(at, at + 8).reduce((octet, bit, index) => octet | (bit << index), 0),
        ),
      )
    }
    bits = []
  }
  for (const { name, type } of method.fields) {
    const value = name === undefined ? undefined : tree[name]
    if (type === 'bit') bits.push(value === true ? 1 : 0)
    else {
      flush()
      parts.push(writeArgument(type, value))
    }
  }
  flush()
  return Buffer.concat(parts)
}

function writeArgument(type: Exclude<FieldType, 'bit'>, value: Value | undefined): Buffer {
  const number = typeof value === 'number' ? value : 0
  switch (type) {
    case 'octet':
      return uint(1, number)
    case 'short':
      return uint(2, number)
    case 'long':
      return uint(4, number)
    case 'longlong':
      return uint(8, typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : number)
    case 'shortstr':
      if (value instanceof Uint8Array)
        return Buffer.concat([uint(1, value.length & 0xff), value.subarray(0, value.length & 0xff)])
      return shortString(typeof value === 'string' ? value : '')
    case 'longstr':
      return longString(typeof value === 'string' || value instanceof Uint8Array ? bytesOf(value) : Buffer.alloc(0))
    case 'table':
      return writeTable(asTable(value))
  }
}
