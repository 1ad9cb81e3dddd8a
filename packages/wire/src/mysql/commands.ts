import type { CallLifetime, Value } from '@keploy-framework/format'

import { textOrBytes } from '../protocol/value.ts'
import { ByteCursor, PacketEnd } from './byte-cursor.ts'
import { capability, has } from './capabilities.ts'
import { decodeParameter, parameterShape } from './cells.ts'
import { decodeChangeUser } from './handshake.ts'
import { statementLifetime, statementWord } from './lifetimes.ts'
import type { Tree } from './outcome.ts'
import { parameterTypeText, readTypes, readValues, type ParameterType } from './parameters.ts'
import type { AnswerShape } from './result-reader.ts'
import type { Statement, Statements } from './statements.ts'

/** What a client asks with one command. */
export interface Command {
  /** Absent: it is no call, as it says nothing and is not answered. */
  readonly call?: { readonly operation: string; readonly request: Value; readonly lifetime: CallLifetime }
  /** Absent: there is no answer. */
  readonly answer?: AnswerShape | 'login'
  readonly statement?: Statement
  /** The SQL that is prepared. */
  readonly prepares?: string | Uint8Array
  readonly quits?: true
  /** What a login offers, of COM_CHANGE_USER. */
  readonly plugin?: string
}

const simple: Readonly<
  Record<number, { readonly operation: string; readonly lifetime: CallLifetime; readonly answer: AnswerShape }>
> = {
  0x08: { operation: 'shutdown', lifetime: 'test', answer: 'ok' },
  0x09: { operation: 'statistics', lifetime: 'session', answer: 'line' },
  0x0a: { operation: 'process list', lifetime: 'session', answer: 'text-rows' },
  0x0d: { operation: 'debug', lifetime: 'session', answer: 'ok' },
  0x0e: { operation: 'ping', lifetime: 'session', answer: 'ok' },
  0x1f: { operation: 'reset connection', lifetime: 'connection', answer: 'ok' },
}

/** Reads a command, and keeps what later ones refer to. Throws where it is none that is known. */
export function readCommand(payload: Buffer, capabilities: bigint, statements: Statements): Command {
  const code = payload[0]
  if (code === undefined) throw new PacketEnd('an empty command')
  const known = simple[code]
  if (known !== undefined) {
    const { operation, lifetime, answer } = known
    return { call: { operation, lifetime, request: { command: operation } }, answer }
  }
  const cursor = new ByteCursor(payload)
  cursor.uint(1)
  switch (code) {
    case 0x01:
      statements.clear()
      return { quits: true }
    case 0x02:
      return {
        call: { operation: 'use', lifetime: 'connection', request: { use: textOrBytes(cursor.rest()) } },
        answer: 'ok',
      }
    case 0x03:
      return readQuery(cursor, capabilities)
    case 0x04: {
      const request = { fields: textOrBytes(cursor.zeroEnded()), wildcard: textOrBytes(cursor.rest()) }
      return { call: { operation: 'fields', lifetime: 'session', request }, answer: 'fields' }
    }
    case 0x0c:
      return { call: { operation: 'kill', lifetime: 'test', request: { command: 'kill' } }, answer: 'ok' }
    case 0x11: {
      const { user, database, plugin } = decodeChangeUser(payload, capabilities)
      statements.clear()
      const request = { user, ...(database !== undefined && { database }) }
      return { call: { operation: 'change user', lifetime: 'connection', request }, answer: 'login', plugin }
    }
    case 0x16: {
      const sql = textOrBytes(cursor.rest())
      return {
        call: { operation: 'prepare', lifetime: 'session', request: { prepare: sql } },
        answer: 'prepare',
        prepares: sql,
      }
    }
    case 0x17:
      return readExecute(cursor, capabilities, statements)
    case 0x18:
      statements.addLongData(cursor.uint(4), cursor.uint(2), cursor.rest())
      return {}
    case 0x19:
      statements.delete(cursor.uint(4))
      return {}
    case 0x1a: {
      statements.find(cursor.uint(4)).long.clear()
      return {
        call: { operation: 'reset statement', lifetime: 'session', request: { command: 'reset statement' } },
        answer: 'ok',
      }
    }
    case 0x1b: {
      const multiple = cursor.uint(2) === 0
      const request = { multiStatements: multiple }
      return { call: { operation: 'set option', lifetime: 'connection', request }, answer: 'ok' }
    }
    case 0x1c: {
      const statement = statements.find(cursor.uint(4))
      const request = { fetch: statement.sql, params: statement.params, count: cursor.uint(4) }
      return { call: { operation: 'fetch', lifetime: 'test', request }, answer: 'fetch', statement }
    }
    case 0xfa:
      return readBulk(cursor, statements)
    default:
      throw new PacketEnd(`the command 0x${code.toString(16)} is not read`)
  }
}

function readQuery(cursor: ByteCursor, capabilities: bigint): Command {
  let attributes: Tree | undefined
  if (has(capabilities, capability.queryAttributes)) {
    const count = Number(cursor.length())
    cursor.length()
    if (count > 0) attributes = readAttributes(cursor, count)
  }
  const sql = textOrBytes(cursor.rest())
  return { call: statementCall({ sql, ...(attributes !== undefined && { attributes }) }), answer: 'text-rows' }
}

function readAttributes(cursor: ByteCursor, count: number): Tree {
  const nulls = cursor.take((count + 7) >> 3)
  cursor.uint(1)
  const types = readTypes(cursor, count, true)
  const values = readValues(cursor, nulls, types)
  return Object.fromEntries(types.map(({ name }, index) => [name ?? '', values[index] ?? null]))
}

function statementCall(request: Tree): NonNullable<Command['call']> {
  const { sql } = request
  const text = typeof sql === 'string' ? sql : ''
  return { operation: statementWord(text), request, lifetime: statementLifetime(text) }
}

function readExecute(cursor: ByteCursor, capabilities: bigint, statements: Statements): Command {
  const statement = statements.find(cursor.uint(4))
  const flags = cursor.uint(1)
  cursor.uint(4)
  const named = has(capabilities, capability.queryAttributes)
  let count = statement.parameters
  if (named && (count > 0 || (flags & 8) !== 0)) count = (flags & 8) !== 0 ? Number(cursor.length()) : count
  let types: readonly ParameterType[] = []
  let values: readonly Value[] = []
  if (count > 0) {
    const nulls = cursor.take((count + 7) >> 3)
    if (cursor.uint(1) === 1) statement.types = readTypes(cursor, count, named)
    types = statement.types
    if (types.length !== count) throw new PacketEnd('parameters without types')
    values = readValues(cursor, nulls, types, statement.long)
  }
  statement.long.clear()
  const own = statement.parameters
  const extra = types.slice(own).map(({ name }, index) => [name ?? '', values[own + index] ?? null] as const)
  const params = values.slice(0, own)
  statement.params = params
  const request = {
    sql: statement.sql,
    params,
    ...(own > 0 && { types: types.slice(0, own).map(parameterTypeText) }),
    ...((flags & 7) !== 0 && { cursor: true }),
    ...(extra.length > 0 && { attributes: Object.fromEntries(extra) }),
  }
  return { call: statementCall(request), answer: 'binary-rows', statement }
}

/** MariaDB's COM_STMT_BULK_EXECUTE: one statement with many rows of parameters. */
function readBulk(cursor: ByteCursor, statements: Statements): Command {
  const statement = statements.find(cursor.uint(4))
  const flags = cursor.uint(2)
  if ((flags & 128) !== 0) statement.types = readTypes(cursor, statement.parameters, false)
  const { types } = statement
  if (types.length === 0) throw new PacketEnd('a bulk of parameters without types')
  const batch: Value[] = []
  while (cursor.left > 0) {
    batch.push(
      types.map(({ type, unsigned }) => {
        const indicator = cursor.uint(1)
        if (indicator === 1) return null
        if (indicator !== 0) return { indicator }
        return decodeParameter(cursor, parameterShape(type, unsigned))
      }),
    )
  }
  const request = { sql: statement.sql, batch, types: types.map(parameterTypeText) }
  return { call: statementCall(request), answer: 'binary-rows', statement }
}
