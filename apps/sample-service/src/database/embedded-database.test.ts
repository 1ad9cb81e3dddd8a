import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'

import { databaseContract } from '../../test/contracts/database.ts'
import type { Database } from './database.ts'
import { openDatabase } from './open-database.ts'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
}, 60_000)
afterAll(() => database[Symbol.asyncDispose]())

databaseContract('embedded Postgres', async (work) => {
  await sql`truncate session_events, session_owners, outbox, processed_events`.execute(database.query)
  await work(database)
})
