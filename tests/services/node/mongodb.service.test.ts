import { mongodb, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import type { Send } from '../harness/record-and-replay.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { nodeService } from './node-service.ts'

async function askForDocuments(send: Send): Promise<void> {
  const { body: tea } = await send('POST', '/orders', { item: 'tea', amount: 4.5 })
  const { body: bread } = await send('POST', '/orders', { item: 'bread', amount: 3 })
  for (const item of ['salt', 'oil', 'ünï']) await send('POST', '/orders', { item, amount: 12 })
  await send('GET', '/orders')
  await send('GET', `/orders/${tea['_id']}`)
  await send('PUT', `/orders/${bread['_id']}`, { amount: 3.25 })
  await send('GET', `/orders/${bread['_id']}`)
  await send('GET', '/orders/000000000000000000000001')
  await send('POST', '/orders', { item: 'tea', amount: 1 })
  await send('GET', '/count')
  await send('GET', '/orders')
}

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
