import type { CallLifetime } from '@keploy-framework/format'

const comments = /^(?:\s+|\/\*(?!!)[\s\S]{0,1000}?\*\/|--[^\n]*\n|#[^\n]*\n)+/
const settings =
  /^set\s+(?:names\b|charset\b|character\s+set\b|(?:session|local)\b|transaction\b|@@(?!global)|[a-z_]+\s*:?=)/i
const drivers =
  /^select\s+@@(?!(?:session\.|local\.)?(?:identity|last_insert_id|error_count|warning_count|rand_seed|timestamp))|^select\s+(?:version|database|connection_id)\s*\(\s*\)\s*;?\s*$|^show\s+(?:session\s+|global\s+)?(?:variables|collation|character\s+set|engines|plugins)\b/i

/** A statement without the comments and blanks before it. */
export function trimStatement(sql: string): string {
  return sql.slice(0, 4000).replace(comments, '')
}

/** For how long a statement counts: settings of a session for its connection, questions of drivers for all, others for a test. */
export function statementLifetime(sql: string): CallLifetime {
  const statement = trimStatement(sql)
  if (settings.test(statement) || /^use\s/i.test(statement)) return 'connection'
  return drivers.test(statement) ? 'session' : 'test'
}

/** The first word of a statement: `SELECT`, `INSERT`. */
export function statementWord(sql: string): string {
  return /^[(\s]*([a-z]+)/i.exec(trimStatement(sql))?.[1]?.toUpperCase() ?? 'QUERY'
}
