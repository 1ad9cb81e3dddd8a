/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with Kafka, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { kafka, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import type { RecordedService, Send } from '../harness/record-and-replay.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { nodeService, sendAndSee } from './node-service.ts'

async function sendOnly(send: Send): Promise<void> {
  const { body: tea } = await send('POST', '/orders', { item: 'tea' })
  await send('POST', '/orders', { item: 'bread' })
  await send('PUT', `/orders/${tea.id}`, { item: 'green tea' })
  await send('GET', '/topics')
  await send('GET', '/wrong')
}

async function start(name: string, requests: RecordedService['requests']): Promise<RecordedService> {
  const fixtures = startFixtures({ log: kafka({ providers: ['jvm'] }) })
  const log = await fixtures.acquire('log')
  const topic = log.topic('orders')
  return {
    command: nodeService(name),
    env: { KAFKA_BROKERS: log.brokers.join(','), TOPIC: topic.name, READ_TOPIC: topic.name },
    requests,
    stop: () => fixtures.close(),
  }
}

const change = { env: () => ({ TOPIC: 'returns' }), names: 'returns' }

await describeService('kafka', 'jvm', () => {
  describe('kafkajs', () => {
    serviceTests({ start: () => start('kafkajs', sendAndSee), change })
  })
  describe('@platformatic/kafka', () => {
    serviceTests({ start: () => start('platformatic-kafka', sendOnly), change })
  })
})
