/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with Postgres, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { postgres, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import type { RecordedService } from '../harness/record-and-replay.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { askForOrders, nodeService } from './node-service.ts'

async function start(name: string): Promise<RecordedService> {
  const fixtures = startFixtures({ db: postgres({ providers: ['local'] }) })
  const { url } = await fixtures.acquire('db')
  return {
    command: nodeService(name),
    env: { DATABASE_URL: url },
    requests: askForOrders,
    stop: () => fixtures.close(),
  }
}

const sql = 'select * from orders order by item desc'

await describeService('postgres', 'local', () => {
  describe('pg', () => {
    serviceTests({ start: () => start('pg'), change: { env: () => ({ LIST_SQL: sql }), names: sql } })
  })
  describe('postgres.js', () => {
    serviceTests({ start: () => start('postgres-js'), change: { env: () => ({ LIST_SQL: sql }), names: sql } })
  })
  describe('drizzle on pg', () => {
    serviceTests({
      start: () => start('drizzle'),
      change: { env: () => ({ LIST_BY: 'at' }), names: 'order by "orders"."at" asc' },
    })
  })
})
