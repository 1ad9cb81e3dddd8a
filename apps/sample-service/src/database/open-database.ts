import { Kysely, PGliteDialect, PostgresDialect, sql, type Dialect } from 'kysely'

import { migrate } from '../store/migrate.ts'
import type { Database } from './database.ts'
import { sqlDatabaseOf } from './sql-database.ts'
import type { Tables } from './tables.ts'

/** The number of the type `bigint` in Postgres. Sequences stay far below 2^53, and both drivers shall read them as numbers. */
const INT8 = new Set<number>([20])

/**
 * Opens the Postgres at a `postgres://` URL, or an embedded one in the memory of this process, and brings its tables up
 * to date. Processes that do so at once wait for each other.
 *
 * @throws the error of the driver when the database cannot be reached
 */
export async function openDatabase(url?: string, onProblem: (error: Error) => void = () => {}): Promise<Database> {
  const dialect = await (url === undefined ? embeddedDialect() : poolDialect(url, onProblem))
  const query = new Kysely<Tables>({ dialect })
  try {
    // The embedded one comes with its tables.
    if (url !== undefined) await migrate(sqlDatabaseOf(query))
  } catch (error) {
    await query.destroy()
    throw error
  }
  return {
    kind: url === undefined ? 'embedded Postgres' : 'Postgres',
    query,
    ping: async () => void (await sql`select 1`.execute(query)),
    [Symbol.asyncDispose]: () => query.destroy(),
  }
}

async function embeddedDialect(): Promise<Dialect> {
  // Loaded when needed: it takes a tenth of a second.
  const { openEmbeddedPostgres } = await import('./embedded-postgres.ts')
  const parsers = Object.fromEntries([...INT8].map((type) => [type, Number]))
  return new PGliteDialect({ pglite: await openEmbeddedPostgres({ parsers }) })
}

async function poolDialect(url: string, onProblem: (error: Error) => void): Promise<Dialect> {
  const { default: pg } = await import('pg')
  const types = {
    getTypeParser: ((type, format) =>
      INT8.has(type) ? Number : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 10_000,
    // A server that is frozen, or a network that drops packets, shall look like one that is away.
    query_timeout: 30_000,
    types,
  })
  // An idle connection that the server closes would end the process if nobody listened. The pool opens another one.
  pool.on('error', onProblem)
  // And so would one that is lost between two statements of a transaction: the next statement fails, too, and is told.
  pool.on('connect', (client) => client.on('error', onProblem))
  return new PostgresDialect({ pool })
}
