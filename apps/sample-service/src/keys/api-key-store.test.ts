import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'

import { apiKeyContract } from '../../test/contracts/api-keys.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
}, 60_000)
afterAll(() => database[Symbol.asyncDispose]())

apiKeyContract('embedded Postgres', async (work) => {
  await sql`truncate api_keys, audit_log`.execute(database.query)
  await work(database)
})
