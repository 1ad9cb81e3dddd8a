import type { CallLifetime } from '@keploy-framework/format'

/** What ReadyForQuery says: idle, within a transaction, within a transaction that failed. */
export type TransactionStatus = 'I' | 'T' | 'E'

const lead = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/|[(;])*/

/** A statement without the blanks and comments before it. */
function trimmed(sql: string): string {
  return sql.slice(lead.exec(sql)?.[0].length ?? 0)
}

/** The first word of a statement in capitals: `SELECT`. `EMPTY` where there is none. */
export function verbOf(sql: string): string {
  return /^[a-z]+/i.exec(trimmed(sql))?.[0].toUpperCase() ?? 'EMPTY'
}

/** Whether a statement ends a transaction that failed, and is therefore let through. */
export function leavesTransaction(sql: string): boolean {
  return /^(?:COMMIT|END|ROLLBACK|ABORT)$/.test(verbOf(sql))
}

const toSavepoint = /^rollback\s+(?:(?:work|transaction)\s+)?to\b/i

/**
 * The status after a statement, or several in one message, as their command tags and their error tell it. Where a server
 * says otherwise, the recording keeps what it said.
 */
export function statusAfter(
  before: TransactionStatus,
  sql: string,
  tags: readonly (string | undefined)[],
  failed: boolean,
): TransactionStatus {
  let status = before
  for (const tag of tags) {
    if (tag === 'BEGIN' || tag === 'START TRANSACTION') status = status === 'I' ? 'T' : status
    else if (tag === 'ROLLBACK' && tags.length === 1 && toSavepoint.test(trimmed(sql))) status = 'T'
    else if (tag === 'COMMIT' || tag === 'ROLLBACK' || tag === 'PREPARE TRANSACTION') {
      status = tags.length === 1 && /\band\s+chain\b/i.test(sql) ? 'T' : 'I'
    }
  }
  return failed && status === 'T' ? 'E' : status
}

/** What pools and drivers send to have a connection as new. The answer is always the same. */
const resets =
  /^(?:discard|reset|unlisten\s+\*|deallocate|close\s+all|select\s+pg_advisory_unlock_all\(\)\s*;?\s*(?:close|unlisten|reset|$))/i
const settings = /^(?:set\s+(?!local\b|transaction\b|constraints\b)|select\s+(?:pg_catalog\.)?set_config\()/i
const pings = /^(?:select\s+(?:1|'1'|now\(\)\s+as\s+ping)\s*;?\s*$|$)/i
/** Look-ups of types that drivers do on their own (asyncpg, psycopg, npgsql, postgres.js, SQLAlchemy, JDBC). */
const lookUps =
  /\b(?:from|join)\s+(?:pg_catalog\.)?pg_(?:type|range)\b|typeinfo_tree|^select\s+(?:pg_catalog\.)?version\(\)|^select\s+(?:pg_catalog\.)?current_schema\(\)/i
const shows = /^(?:show\s|select\s+(?:pg_catalog\.)?current_setting\()/i

/**
 * For how long the answer to a statement counts. `settled`: the connection has been used for something else than setting it
 * up, so that what is asked of its settings may be asked by a test.
 */
export function lifetimeOf(sql: string, settled: boolean): CallLifetime {
  const text = trimmed(sql)
  if (resets.test(text) || settings.test(text) || pings.test(text) || lookUps.test(text)) return 'session'
  return shows.test(text) && !settled ? 'session' : 'test'
}
