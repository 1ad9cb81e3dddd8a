import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { Input, Malformed, shortString, uint } from './bytes.ts'
import { asTable, readTable, writeTable } from './tables.ts'

type Tree = { readonly [key: string]: Value }

/** Properties of a message in the order of their flags, from the highest bit. */
const PROPERTIES = [
  ['contentType', 'text'],
  ['contentEncoding', 'text'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'text'],
  ['replyTo', 'text'],
  ['expiration', 'text'],
  ['messageId', 'text'],
  ['timestamp', 'time'],
  ['type', 'text'],
  ['userId', 'text'],
  ['appId', 'text'],
  ['clusterId', 'text'],
] as const

/** The header of a message: how long its body is, and its properties. */
export interface ContentHeader {
  readonly size: bigint
  readonly properties: Tree
}

/** Reads a header frame; nothing when it is malformed. */
export function readContentHeader(payload: Buffer): ContentHeader | undefined {
  try {
    const input = new Input(payload)
    input.take(4)
    const size = input.take(8).readBigUInt64BE()
    const flags = input.uint(2)
    // Further flags would follow; no property has any.
    if ((flags & 3) !== 0) throw new Malformed()
    const entries: [string, Value][] = []
    for (const [index, [name, type]] of PROPERTIES.entries()) {
      if ((flags & (1 << (15 - index))) === 0) continue
      if (type === 'table') entries.push([name, readTable(input)])
      else if (type === 'octet') entries.push([name, input.uint(1)])
      else if (type === 'time') entries.push([name, timeOf(input.take(8).readBigUInt64BE())])
      else entries.push([name, input.short().toString('utf8')])
    }
    return input.left === 0 ? { size, properties: Object.fromEntries(entries) } : undefined
  } catch {
    return undefined
  }
}

function timeOf(seconds: bigint): Value {
  return seconds <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seconds) : String(seconds)
}

/** Writes the payload of a header frame of the class `basic`. */
export function writeContentHeader(size: number, value: Value | undefined): Buffer {
  const properties: Tree = isTree(value) ? value : {}
  let flags = 0
  const parts: Buffer[] = []
  for (const [index, [name, type]] of PROPERTIES.entries()) {
    const property = properties[name]
    if (property === undefined) continue
    flags |= 1 << (15 - index)
    if (type === 'table') parts.push(writeTable(asTable(property)))
    else if (type === 'octet') parts.push(uint(1, Number(property)))
    else if (type === 'time') {
      parts.push(
        uint(8, typeof property === 'string' && /^\d{1,20}$/.test(property) ? BigInt(property) : Number(property)),
      )
    } else parts.push(shortString(typeof property === 'string' ? property : ''))
  }
  return Buffer.concat([uint(2, 60), uint(2, 0), uint(8, size), uint(2, flags), ...parts])
}
