import { MIGRATIONS } from '../database/migrations.ts'
import type { SqlDatabase } from './sql-session-store.ts'

/** One number for all instances of this service, so that two that start together do not migrate at once. */
const LOCK = 7_263_510_442

/** Brings the tables of a database up to date. */
export async function migrate(database: SqlDatabase): Promise<void> {
  await database.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1::bigint)', [LOCK])
    await query('create table if not exists schema_migrations (name text primary key)')
    const { rows } = await query<{ name: string }>('select name from schema_migrations')
    const applied = new Set(rows.map((row) => row.name))
    for (const migration of MIGRATIONS.filter(({ name }) => !applied.has(name))) {
      for (const statement of migration.statements) await query(statement)
      await query('insert into schema_migrations (name) values ($1)', [migration.name])
    }
  })
}
