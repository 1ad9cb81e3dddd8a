import type { Value } from '@keploy-framework/format'

import { isTree, textOrBytes } from '../protocol/value.ts'
import { ByteCursor } from './byte-cursor.ts'
import { ByteWriter } from './byte-writer.ts'
import { capability, has } from './capabilities.ts'
import { decodeSessionChanges, encodeSessionChanges } from './session-track.ts'
import { serverStatus, statusFlags, statusText } from './status.ts'

export type Tree = { readonly [key: string]: Value }

const USUAL = statusText(serverStatus.autocommit)

/** An outcome with the status that only frames it: whether more results follow. */
export interface DecodedOutcome {
  readonly tree: Tree
  readonly status: number
}

/** The status as a tree has it: absent when it is only `autocommit`. What says that more results follow is left out. */
export function statusTree(status: number): Tree {
  const text = statusText(status & ~serverStatus.moreResults)
  return text === USUAL ? {} : { status: text }
}

/** The flags of a tree. */
export function statusOf(tree: Value | undefined): number {
  const text = isTree(tree) ? tree['status'] : undefined
  return typeof text === 'string' ? statusFlags(text) : serverStatus.autocommit
}

/** Reads an OK packet, or the one that ends rows in place of an EOF packet. */
export function decodeOk(payload: Buffer, capabilities: bigint): DecodedOutcome {
  const cursor = new ByteCursor(payload)
  cursor.uint(1)
  const affectedRows = readable(cursor.length())
  const insertId = readable(cursor.length())
  const status = cursor.left >= 2 ? cursor.uint(2) : serverStatus.autocommit
  const warnings = cursor.left >= 2 ? cursor.uint(2) : 0
  const { info, session } = decodeOkEnd(cursor, capabilities, status)
  return {
    status,
    tree: {
      affectedRows,
      insertId,
      ...(warnings !== 0 && { warnings }),
      ...(info !== '' && { info }),
      ...statusTree(status),
      ...(session !== undefined && { session }),
    },
  }
}

/** What follows the counts of an OK packet: its message, and the changes of the session. */
export function decodeOkEnd(
  cursor: ByteCursor,
  capabilities: bigint,
  status: number,
): { info: Value; session?: Value } {
  if (cursor.left === 0) return { info: '' }
  const start = cursor.at
  const track = has(capabilities, capability.sessionTrack)
  try {
    const info = textOrBytes(cursor.string())
    if (cursor.left === 0) return { info }
    if (track && (status & serverStatus.sessionChanged) !== 0) {
      return { info, session: decodeSessionChanges(cursor.string()) }
    }
  } catch {
    // Not what a server of MySQL or MariaDB writes; others end the packet with a bare string.
  }
  cursor.at = start
  return { info: textOrBytes(cursor.rest()) }
}

/** Writes an OK packet for a client with these capabilities. `header` is 0xfe where it ends rows. */
export function encodeOk(tree: Value | undefined, capabilities: bigint, status: number, header = 0): Buffer {
  const ok = isTree(tree) ? tree : {}
  const track = has(capabilities, capability.sessionTrack)
  const flags = track && ok['session'] !== undefined ? status : status & ~serverStatus.sessionChanged
  const info = typeof ok['info'] === 'string' || ok['info'] instanceof Uint8Array ? ok['info'] : ''
  const writer = new ByteWriter()
    .uint(header, 1)
    .length(bigOf(ok['affectedRows']))
    .length(bigOf(ok['insertId']))
    .uint(flags, 2)
    .uint(numberOf(ok['warnings']), 2)
  const changed = (flags & serverStatus.sessionChanged) !== 0
  if (info.length > 0 || changed) writer.string(info)
  if (changed) writer.string(encodeSessionChanges(ok['session']))
  return writer.bytes()
}

/** Reads an EOF packet. */
export function decodeEof(payload: Buffer): DecodedOutcome {
  const cursor = new ByteCursor(payload)
  cursor.uint(1)
  const warnings = cursor.left >= 2 ? cursor.uint(2) : 0
  const status = cursor.left >= 2 ? cursor.uint(2) : serverStatus.autocommit
  return { status, tree: { ...(warnings !== 0 && { warnings }), ...statusTree(status) } }
}

/** Writes an EOF packet. */
export function encodeEof(warnings: Value | undefined, status: number): Buffer {
  const flags = status & ~serverStatus.sessionChanged
  return new ByteWriter().uint(0xfe, 1).uint(numberOf(warnings), 2).uint(flags, 2).bytes()
}

/** Reads an ERR packet. Before a client is known there is no state in it. */
export function decodeError(payload: Buffer): Tree {
  const cursor = new ByteCursor(payload)
  cursor.uint(1)
  const code = cursor.uint(2)
  if (cursor.left >= 6 && cursor.bytes[cursor.at] === 0x23) {
    cursor.uint(1)
    return { code, sqlState: textOrBytes(cursor.take(5)), message: textOrBytes(cursor.rest()) }
  }
  return { code, message: textOrBytes(cursor.rest()) }
}

/** Writes an ERR packet. */
export function encodeError(error: Value | undefined): Buffer {
  const tree = isTree(error) ? error : {}
  const state = tree['sqlState']
  const message = tree['message']
  const writer = new ByteWriter().uint(0xff, 1).uint(numberOf(tree['code']) || 1105, 2)
  if (typeof state === 'string') writer.text('#').raw(Buffer.from(state.padEnd(5, '0').slice(0, 5), 'latin1'))
  if (typeof message === 'string' || message instanceof Uint8Array)
    writer.raw(typeof message === 'string' ? Buffer.from(message) : message)
  return writer.bytes()
}

function readable(value: bigint): Value {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value)
}

export function numberOf(value: Value | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : 0
}

function bigOf(value: Value | undefined): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value)
  return BigInt(Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, numberOf(value))))
}
