import type { Value } from '@keploy-framework/format'

import { bytesOf, isTree, textOrBytes } from '../../protocol/value.ts'
import { fromBigInt, toBigInt, type Tree } from '../struct.ts'
import type { KafkaRecord } from './record.ts'

/** What a producer says of a record: key, value, headers (pairs, as names may repeat). What is not there is left out. */
export function contentTree(record: Pick<KafkaRecord, 'key' | 'value' | 'headers'>): Tree {
  return {
    ...(record.key !== null && { key: textOrBytes(record.key) }),
    value: record.value === null ? null : textOrBytes(record.value),
    ...(record.headers.length > 0 && {
      headers: record.headers.map(([name, value]) => ({
        name: textOrBytes(name),
        value: value === null ? null : textOrBytes(value),
      })),
    }),
  }
}

/** A record as a consumer gets it. */
export function recordTree(record: KafkaRecord): Tree {
  return { offset: fromBigInt(record.offset), timestamp: fromBigInt(record.timestamp), ...contentTree(record) }
}

/** The record of a tree; nothing where it is none. */
export function recordOf(tree: Value | undefined): KafkaRecord | undefined {
  if (!isTree(tree)) return undefined
  const offset = toBigInt(tree['offset'])
  if (offset === undefined) return undefined
  const headers = Array.isArray(tree['headers']) ? (tree['headers'] as readonly Value[]) : []
  return {
    offset,
    timestamp: toBigInt(tree['timestamp']) ?? -1n,
    key: bytes(tree['key']),
    value: bytes(tree['value']),
    headers: headers.flatMap((header) =>
      isTree(header) ? [[bytes(header['name']) ?? Buffer.alloc(0), bytes(header['value'])] as const] : [],
    ),
  }
}

function bytes(value: Value | undefined): Buffer | null {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return null
  return Buffer.from(bytesOf(value))
}
