import pg from 'pg'

import { migrate } from './migrate.ts'
import type { SessionStore } from './session-store.ts'
import { createSqlSessionStore, type SqlDatabase } from './sql-session-store.ts'

export interface PostgresStoreOptions {
  /** Connections at most. Default 10. */
  connections?: number
  /** Told about a connection that broke while nobody used it; the pool replaces it. */
  onIdleError?: (error: Error) => void
}

/** A store on the Postgres at `url`; its tables are created or brought up to date first. */
export async function openPostgresStore(url: string, options: PostgresStoreOptions = {}): Promise<SessionStore> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: 10_000,
  })
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on('error', (error) => options.onIdleError?.(error))
  const database: SqlDatabase = {
    query: async <Row>(text: string, values?: unknown[]) => ({ rows: (await pool.query(text, values)).rows as Row[] }),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  }
  try {
    await migrate(database)
  } catch (error) {
    await pool.end()
    throw error
  }
  return createSqlSessionStore(database)
}

async function inTransaction(pool: pg.Pool, work: Parameters<SqlDatabase['transaction']>[0]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await work(async <Row>(text: string, values?: unknown[]) => ({
      rows: (await client.query(text, values)).rows as Row[],
    }))
    await client.query('commit')
    client.release()
  } catch (error) {
    // A connection whose transaction failed is thrown away, whatever state it is in.
    client.release(true)
    throw error
  }
}
