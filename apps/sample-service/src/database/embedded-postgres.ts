import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

import { PGlite, type PGliteOptions } from '@electric-sql/pglite'

import { migrate } from '../store/migrate.ts'
import type { SqlDatabase } from '../store/sql-session-store.ts'
import { KeptDataDirectory } from './kept-data-directory.ts'
import { MIGRATIONS } from './migrations.ts'

/**
 * Opens a Postgres in the memory of this process, with its tables up to date. The first process makes the data directory,
 * which takes longest, and keeps a copy; later ones begin with that.
 *
 * @param kept where the copy is; by default in the cache folder of the user, one for each PGlite and set of migrations
 */
export async function openEmbeddedPostgres(options: PGliteOptions = {}, kept?: KeptDataDirectory): Promise<PGlite> {
  const copy = kept ?? new KeptDataDirectory(await nameOfCopy())
  const dump = await copy.read()
  const begun = dump && (await begin(options, dump))
  if (begun) return begun
  const postgres = await PGlite.create(options)
  await migrate(sqlDatabaseOfPglite(postgres))
  // Waited for: a process that ends at once would never leave a copy.
  await copy.keep(await postgres.dumpDataDir('none'))
  return postgres
}

/** The database for code that writes its SQL by hand. */
export function sqlDatabaseOfPglite(postgres: PGlite): SqlDatabase {
  return {
    query: (text, values) => postgres.query(text, values),
    transaction: (work) => postgres.transaction((scope) => work((text, values) => scope.query(text, values))),
    close: () => postgres.close(),
  }
}

/** Undefined when the copy is of no use, as one that somebody else wrote there. */
async function begin(options: PGliteOptions, dump: Blob): Promise<PGlite | undefined> {
  try {
    return await PGlite.create({ ...options, loadDataDir: dump })
  } catch {
    return undefined
  }
}

async function nameOfCopy(): Promise<string> {
  const packageFile = new URL(
    '../package.json',
    `file://${createRequire(import.meta.url).resolve('@electric-sql/pglite')}`,
  )
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string }
  const migrations = createHash('sha256').update(JSON.stringify(MIGRATIONS)).digest('hex').slice(0, 16)
  return `pglite-${version}-${migrations}`
}
