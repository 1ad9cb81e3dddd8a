import type { Value } from '@keploy-framework/format'

import { isTree, textOrBytes } from '../protocol/value.ts'
import { ByteCursor } from './byte-cursor.ts'
import { ByteWriter } from './byte-writer.ts'

const kinds = ['variable', 'schema', 'state', 'gtids', 'characteristics', 'transaction'] as const

/** Reads what an OK packet says of changes of the session; as bytes where it would not come out the same again. */
export function decodeSessionChanges(bytes: Buffer): Value {
  const cursor = new ByteCursor(bytes)
  const changes: Value[] = []
  while (cursor.left > 0) {
    const kind = cursor.uint(1)
    const name = kinds[kind] ?? `kind${kind}`
    const entry = new ByteCursor(cursor.string())
    if (name === 'variable') changes.push({ [name]: textOrBytes(entry.string()), value: textOrBytes(entry.string()) })
    else if (name === 'gtids') changes.push({ [name]: textOrBytes(entry.rest()) })
    else changes.push({ [name]: textOrBytes(entry.string()) })
  }
  return encodeSessionChanges(changes).equals(bytes) ? changes : new Uint8Array(bytes)
}

/** Writes what `decodeSessionChanges` gave. */
export function encodeSessionChanges(changes: Value | undefined): Buffer {
  if (changes instanceof Uint8Array) return Buffer.from(changes)
  const writer = new ByteWriter()
  for (const change of Array.isArray(changes) ? (changes as readonly Value[]) : []) {
    if (!isTree(change)) continue
    const [name, value] = Object.entries(change)[0] ?? []
    if (name === undefined || !isStringLike(value)) continue
    const known = (kinds as readonly string[]).indexOf(name)
    const kind = known >= 0 ? known : Number(name.replace('kind', '')) || 0
    const entry = new ByteWriter()
    if (name === 'gtids') entry.raw(typeof value === 'string' ? Buffer.from(value) : value)
    else entry.string(value)
    if (name === 'variable') entry.string(isStringLike(change['value']) ? change['value'] : '')
    writer.uint(kind, 1).string(entry.bytes())
  }
  return writer.bytes()
}

function isStringLike(value: Value | undefined): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array
}
