import pg from 'pg'

import { migrate } from './migrate.ts'
import type { SessionStore } from './session-store.ts'
import { createSqlSessionStore, type SqlDatabase } from './sql-session-store.ts'

/** A store on the Postgres at `url`; its tables are created or brought up to date first. */
export async function openPostgresStore(url: string): Promise<SessionStore> {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // An idle connection that the server closes would end the process if nobody listened. The pool opens another one; if it
  // cannot, the next query rejects, and that is logged.
  pool.on('error', () => {})
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
