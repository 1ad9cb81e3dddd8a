/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with amqplib, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { rabbitmq, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { giveJobs, nodeService } from './node-service.ts'

await describeService('rabbitmq', 'local', () => {
  describe('amqplib', () => {
    serviceTests({
      start: async () => {
        const fixtures = startFixtures({ broker: rabbitmq({ providers: ['local'] }) })
        const { url } = await fixtures.acquire('broker')
        return {
          command: nodeService('amqplib'),
          env: { AMQP_URL: url },
          requests: giveJobs,
          stop: () => fixtures.close(),
        }
      },
      change: { env: () => ({ QUEUE: 'tasks' }), names: 'tasks' },
    })
  })
})
