/**
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: keys of users that nobody reads in the database
 * Impact: a mistake here would be copied into many services
 */
import { postgres, startFixtures } from '@keploy-framework/fixtures'
import { afterAll } from 'vitest'

import { apiKeyContract } from '../../test/contracts/api-keys.ts'
import { openDatabase } from '../database/open-database.ts'

const fixtures = startFixtures({ postgres: postgres() })
afterAll(() => fixtures.close())

apiKeyContract('Postgres', async (work) => {
  await using lease = await fixtures.acquire('postgres')
  await using database = await openDatabase(lease.url)
  await work(database)
})
