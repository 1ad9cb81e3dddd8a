import type { SqlDatabase } from './sql-session-store.ts'

/** Each entry runs once per database, in this order. Entries are never changed, only added. */
const MIGRATIONS = [
  {
    name: '0001-sessions',
    sql: `create table sessions (
      sequence bigint generated always as identity primary key,
      id text not null unique,
      type text not null,
      title text not null,
      description text not null,
      status text not null,
      created_at timestamptz not null
    )`,
  },
]

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
      await query(migration.sql)
      await query('insert into schema_migrations (name) values ($1)', [migration.name])
    }
  })
}
