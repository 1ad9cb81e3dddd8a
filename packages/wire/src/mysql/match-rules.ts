import type { Value } from '@keploy-framework/format'

import type { MatchRules } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'

const MAX = 200

/**
 * Of a login the user and the database count; of a statement its text and parameters. How a driver names types, whether
 * it takes rows by a cursor, and attributes of a query count nothing.
 */
export const mysqlMatch: MatchRules = {
  key(request: Value): Value {
    if (!isTree(request)) return request
    if (request['sql'] !== undefined) {
      const { sql, params, batch } = request
      return batch === undefined ? { sql, params: params ?? [] } : { sql, batch }
    }
    if (request['user'] !== undefined) {
      return { user: request['user'], ...(request['database'] !== undefined && { database: request['database'] }) }
    }
    if (request['statement'] !== undefined) return { statement: request['statement'], params: request['params'] ?? [] }
    return request
  },
}

/** A request in one line. */
export function describeRequest(request: Value): string {
  if (!isTree(request)) return 'nothing'
  const { sql, params, batch, prepare, fetch, command, user, database, use, fields, statement } = request
  if (sql !== undefined) return short(`${text(sql)}${list(batch ?? params)}`)
  if (prepare !== undefined) return short(`prepare ${text(prepare)}`)
  if (fetch !== undefined) return short(`fetch rows of ${text(fetch)}${list(params)}`)
  if (statement !== undefined) return short(`statement ${text(statement)}${list(params)}`)
  if (user !== undefined)
    return short(`log in as ${text(user)}${database === undefined ? '' : ` to ${text(database)}`}`)
  if (use !== undefined) return short(`use ${text(use)}`)
  if (fields !== undefined) return short(`fields of ${text(fields)}`)
  return short(typeof command === 'string' ? command : JSON.stringify(request))
}

function list(params: Value | undefined): string {
  if (!Array.isArray(params) || params.length === 0) return ''
  return ` [${(params as readonly Value[])
    .slice(0, 20)
    .map((value) => (typeof value === 'string' ? `'${value.slice(0, MAX)}'` : text(value)))
    .join(', ')}]`
}

function text(value: Value | undefined): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value.subarray(0, 24)).toString('hex')}`
  if (typeof value === 'string')
    return value
      .slice(0, 2 * MAX)
      .replace(/\s+/g, ' ')
      .trim()
  return JSON.stringify(value ?? null).slice(0, MAX)
}

function short(line: string): string {
  return line.length <= MAX ? line : `${line.slice(0, MAX - 1)}…`
}
