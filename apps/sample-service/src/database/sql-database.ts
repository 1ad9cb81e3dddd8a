import { CompiledQuery, type Kysely } from 'kysely'

import type { SqlDatabase } from '../store/sql-session-store.ts'
import type { Query } from './database.ts'
import type { Tables } from './tables.ts'

/** The same database for code that writes its SQL by hand: migrations and the store of story sessions. */
export function sqlDatabaseOf(database: Kysely<Tables>): SqlDatabase {
  const queryOn =
    (query: Query): SqlDatabase['query'] =>
    async <Row>(text: string, values: unknown[] = []) => ({
      rows: (await query.executeQuery<Row>(CompiledQuery.raw(text, values))).rows,
    })
  return {
    query: queryOn(database),
    transaction: (work) => database.transaction().execute((transaction) => work(queryOn(transaction))),
    // Closed by whoever opened it.
    close: async () => {},
  }
}
