import { openEmbeddedPostgres, sqlDatabaseOfPglite } from '../database/embedded-postgres.ts'
import type { SessionStore } from './session-store.ts'
import { createSqlSessionStore } from './sql-session-store.ts'

/** A store on an embedded Postgres that lives in this process's memory and ends with it. */
export async function openPgliteStore(): Promise<SessionStore> {
  return createSqlSessionStore(sqlDatabaseOfPglite(await openEmbeddedPostgres()))
}
