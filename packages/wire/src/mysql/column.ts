import type { Value } from '@keploy-framework/format'

import { bytesOf, isTree, textOrBytes } from '../protocol/value.ts'
import { ByteCursor } from './byte-cursor.ts'
import { ByteWriter } from './byte-writer.ts'
import { capability, has } from './capabilities.ts'
import { typeCode, typeName } from './column-types.ts'

/** The part of a column definition that values depend on. */
export interface ColumnShape {
  readonly type: number
  readonly flags: number
  readonly decimals: number
  readonly length: number
}

const UNSIGNED = 32

export function isUnsigned(column: ColumnShape): boolean {
  return (column.flags & UNSIGNED) !== 0
}

/** Reads a column definition (Protocol::ColumnDefinition41) as a tree; what is empty or zero is left out. */
export function decodeColumn(payload: Uint8Array, capabilities: bigint): { readonly [key: string]: Value } {
  const cursor = new ByteCursor(payload)
  const text = (): Value => textOrBytes(cursor.string())
  const catalog = text()
  const schema = text()
  const table = text()
  const originalTable = text()
  const name = text()
  const originalName = text()
  const extended = has(capabilities, capability.mariadbExtendedMetadata) ? decodeExtended(cursor.string()) : undefined
  cursor.length()
  const charset = cursor.uint(2)
  const length = cursor.uint(4)
  const type = cursor.uint(1)
  const flags = cursor.uint(2)
  const decimals = cursor.uint(1)
  if (cursor.left >= 2) cursor.take(2)
  const initial = cursor.left > 0 ? cursor.stringOrNull() : undefined
  return {
    name,
    type: typeName(type),
    ...(catalog !== 'def' && { catalog }),
    ...(schema !== '' && { schema }),
    ...(table !== '' && { table }),
    ...(originalTable !== table && { originalTable }),
    ...(originalName !== name && { originalName }),
    charset,
    length,
    ...(flags !== 0 && { flags }),
    ...(decimals !== 0 && { decimals }),
    ...(extended !== undefined && { extended }),
    ...(initial !== undefined && { default: initial === null ? null : textOrBytes(initial) }),
  }
}

/** What values of a column depend on, from its tree. */
export function columnShape(column: Value | undefined): ColumnShape {
  const tree = isTree(column) ? column : {}
  const number = (key: string): number => (typeof tree[key] === 'number' ? tree[key] : 0)
  return {
    type: typeCode(tree['type']),
    flags: number('flags'),
    decimals: number('decimals'),
    length: number('length'),
  }
}

/** Writes a column definition as a client with these capabilities reads it. */
export function encodeColumn(column: Value | undefined, capabilities: bigint): Buffer {
  const tree = isTree(column) ? column : {}
  const text = (value: Value | undefined, otherwise: Value = ''): string | Uint8Array => {
    const one = value ?? otherwise
    return typeof one === 'string' || one instanceof Uint8Array ? one : ''
  }
  const shape = columnShape(column)
  const charset = typeof tree['charset'] === 'number' ? tree['charset'] : 63
  const writer = new ByteWriter()
    .string(text(tree['catalog'], 'def'))
    .string(text(tree['schema']))
    .string(text(tree['table']))
    .string(text(tree['originalTable'], tree['table']))
    .string(text(tree['name']))
    .string(text(tree['originalName'], tree['name']))
  if (has(capabilities, capability.mariadbExtendedMetadata)) writer.string(encodeExtended(tree['extended']))
  writer
    .length(12)
    .uint(charset, 2)
    .uint(shape.length, 4)
    .uint(shape.type, 1)
    .uint(shape.flags, 2)
    .uint(shape.decimals, 1)
    .uint(0, 2)
  if (tree['default'] === null) writer.null()
  else if (tree['default'] !== undefined) writer.string(text(tree['default']))
  return writer.bytes()
}

/** MariaDB's extended metadata: what a column holds beyond its type, such as `json` or `inet6`. */
function decodeExtended(bytes: Buffer): Value | undefined {
  if (bytes.length === 0) return undefined
  const entries: { [key: string]: Value } = {}
  const cursor = new ByteCursor(bytes)
  while (cursor.left > 0) {
    const kind = cursor.uint(1)
    entries[kind === 0 ? 'type' : kind === 1 ? 'format' : `kind${kind}`] = textOrBytes(cursor.string())
  }
  return encodeExtended(entries).equals(bytes) ? entries : new Uint8Array(bytes)
}

function encodeExtended(extended: Value | undefined): Buffer {
  if (extended instanceof Uint8Array) return Buffer.from(extended)
  if (!isTree(extended)) return Buffer.alloc(0)
  const writer = new ByteWriter()
  for (const [key, value] of Object.entries(extended)) {
    const kind = key === 'type' ? 0 : key === 'format' ? 1 : Number(key.replace('kind', ''))
    if (typeof value === 'string' || value instanceof Uint8Array) writer.uint(kind || 0, 1).string(bytesOf(value))
  }
  return writer.bytes()
}
