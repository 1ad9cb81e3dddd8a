import type { Kysely, Transaction } from 'kysely'

import type { Tables } from './tables.ts'

export type Query = Kysely<Tables> | Transaction<Tables>

/** The platform's Postgres with its tables up to date, be it embedded or remote. */
export interface Database extends AsyncDisposable {
  readonly kind: 'Postgres' | 'embedded Postgres'
  readonly query: Kysely<Tables>
  /** Rejects when the database does not answer. */
  ping(): Promise<void>
}
