import { PGlite } from '@electric-sql/pglite'

import { migrate } from './migrate.ts'
import type { SessionStore } from './session-store.ts'
import { createSqlSessionStore, type SqlDatabase } from './sql-session-store.ts'

/** A store on an embedded Postgres that lives in this process's memory and ends with it. */
export async function openPgliteStore(): Promise<SessionStore> {
  const postgres = await PGlite.create()
  const database: SqlDatabase = {
    query: (text, values) => postgres.query(text, values),
    transaction: (work) => postgres.transaction((scope) => work((text, values) => scope.query(text, values))),
    close: () => postgres.close(),
  }
  await migrate(database)
  return createSqlSessionStore(database)
}
