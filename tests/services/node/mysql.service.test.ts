/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with mysql2, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { mysql, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { askForOrders, nodeService } from './node-service.ts'

const sql = 'select * from orders order by item desc'

await describeService('mysql', 'local', () => {
  describe('mysql2', () => {
    serviceTests({
      start: async () => {
        const fixtures = startFixtures({ shop: mysql({ providers: ['local'] }) })
        const { url } = await fixtures.acquire('shop')
        return {
          command: nodeService('mysql2'),
          env: { MYSQL_URL: url },
          requests: askForOrders,
          stop: () => fixtures.close(),
        }
      },
      change: { env: () => ({ LIST_SQL: sql }), names: sql },
    })
  })
})
