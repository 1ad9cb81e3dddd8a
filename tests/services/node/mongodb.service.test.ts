/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with MongoDB, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { mongodb, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { askForDocuments, nodeService } from './node-service.ts'

await describeService('mongodb', 'embedded', () => {
  describe('mongodb', () => {
    serviceTests({
      start: async () => {
        const fixtures = startFixtures({ documents: mongodb({ providers: ['embedded'] }) })
        const { url } = await fixtures.acquire('documents')
        return {
          command: nodeService('mongodb'),
          env: { MONGODB_URL: url },
          requests: askForDocuments,
          stop: () => fixtures.close(),
        }
      },
      change: { env: () => ({ LIST_COLLECTION: 'archive' }), names: 'archive' },
    })
  })
})
