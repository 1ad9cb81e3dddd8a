import type { Value } from '@keploy-framework/format'

import { oneLine } from '../protocol/one-line.ts'
import type { MatchRules } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'

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

/** What is cut off anyway is not written out. */
const MAX = 200

/** A request in one line. */
export function describeRequest(request: Value): string {
  if (!isTree(request)) return 'nothing'
  const { sql, params, batch, prepare, fetch, command, user, database, use, fields, statement } = request
  if (sql !== undefined) return oneLine(`${text(sql)}${list(batch ?? params)}`)
  if (prepare !== undefined) return oneLine(`prepare ${text(prepare)}`)
  if (fetch !== undefined) return oneLine(`fetch rows of ${text(fetch)}${list(params)}`)
  if (statement !== undefined) return oneLine(`statement ${text(statement)}${list(params)}`)
  if (user !== undefined)
    return oneLine(`log in as ${text(user)}${database === undefined ? '' : ` to ${text(database)}`}`)
  if (use !== undefined) return oneLine(`use ${text(use)}`)
  if (fields !== undefined) return oneLine(`fields of ${text(fields)}`)
  return oneLine(typeof command === 'string' ? command : JSON.stringify(request))
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
