import { scalarText, type Value } from '@keploy-framework/format'

import { oneLine } from '../protocol/one-line.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'
import { matchKey } from './match-key.ts'
import { PostgresMockServer } from './postgres-mock-server.ts'
import { postgresMocks } from './postgres-mocks.ts'
import { PostgresReader } from './postgres-reader.ts'
import { PostgresRewriter } from './postgres-rewriter.ts'
import { detectAnyPostgres, detectPostgres, detectPostgresError } from './startup.ts'

/** Postgres, protocol 3.0: a call is a statement and what it gave, whichever messages carried it. */
export const postgresProtocol: Protocol = {
  name: 'postgres',
  speaksFirst: 'client',
  detect: detectPostgres,
  detectNamed: detectAnyPostgres,
  detectServer: detectPostgresError,
  createReader: (options, emit) => new PostgresReader(options, emit),
  createMockServer: (options) => new PostgresMockServer(options),
  createRewriter: (options) => new PostgresRewriter(options),
  describe(request: Value): string {
    if (!isTree(request)) return 'a message of the server'
    const { sql, params, user, database, cancel, input } = request
    if (cancel === true) return 'cancel'
    if (typeof sql !== 'string') return oneLine(`connect as ${text(user)} to ${text(database)}`)
    const values = Array.isArray(params)
      ? ` [${(params as readonly Value[]).map((value) => text(value)).join(', ')}]`
      : ''
    const data =
      input === undefined ? '' : ` with ${typeof input === 'string' ? input.length : 'binary'} characters of data`
    return oneLine(`${sql.trim().slice(0, 800)}${values}${data}`)
  },
  match: { key: matchKey },
  mocks: postgresMocks,
}

function text(value: Value | undefined): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return typeof value === 'string' ? `'${value}'` : (scalarText(value) ?? 'null')
}
