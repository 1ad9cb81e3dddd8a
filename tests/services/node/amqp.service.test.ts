import { rabbitmq, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import type { Send } from '../harness/record-and-replay.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { nodeService } from './node-service.ts'

async function giveJobs(send: Send): Promise<void> {
  const { body: wash } = await send('POST', '/jobs', { task: 'wash' })
  await send('GET', `/jobs/${wash.id}`)
  const { body: dry } = await send('POST', '/jobs', { task: 'dry ü' })
  await send('GET', `/jobs/${dry.id}`)
  await send('POST', '/later', { task: 'fold' })
  await send('GET', '/queue')
  await send('GET', '/later')
  await send('GET', '/later')
}

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
