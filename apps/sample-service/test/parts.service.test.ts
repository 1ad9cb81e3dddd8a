/**
 * @marker data_pipeline
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: real parts that keep what the embedded ones promise
 * Impact: a mistake here would be copied into many services
 */
import { kafka, redis, postgres, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Delivery } from '../src/bus/event-bus.ts'
import { KafkaEventBus } from '../src/bus/kafka-event-bus.ts'
import { RedisSessionCache } from '../src/cache/redis-session-cache.ts'
import { openDatabase } from '../src/database/open-database.ts'
import { databaseContract } from './contracts/database.ts'
import { eventBusContract } from './contracts/event-bus.ts'
import { sessionCacheContract } from './contracts/session-cache.ts'

const fixtures = startFixtures({ kafka: kafka(), redis: redis(), postgres: postgres() })
// The start of a broker takes longer than a test on a busy machine.
beforeAll(async () => {
  const lease = await fixtures.acquire('kafka')
  await lease[Symbol.asyncDispose]()
}, 180_000)
afterAll(() => fixtures.close())

eventBusContract('Kafka', async (work) => {
  await using lease = await fixtures.acquire('kafka')
  await using bus = new KafkaEventBus({ brokers: lease.brokers, topicPrefix: lease.prefix })
  await work(bus)
})

sessionCacheContract('Redis', async (work) => {
  await using lease = await fixtures.acquire('redis')
  await using cache = new RedisSessionCache(lease.url)
  await cache.connect()
  await work(cache)
})

databaseContract('Postgres', async (work) => {
  await using lease = await fixtures.acquire('postgres')
  await using database = await openDatabase(lease.url)
  await work(database)
})

test('a record that is not JSON becomes a dead letter with its text', async () => {
  await using lease = await fixtures.acquire('kafka')
  await using bus = new KafkaEventBus({ brokers: lease.brokers, topicPrefix: lease.prefix })
  const topic = lease.topic('t')
  await topic.ready()
  await topic.produce({ key: 'k', value: '{"half' })
  const letters: Delivery[] = []
  await bus.consume('t.dead-letter', 'undertaker', async (delivery) => void letters.push(delivery))
  await bus.consume('t', 'g', async () => {})
  await expect.poll(() => letters.length, { timeout: 30_000 }).toBe(1)
  expect(letters[0]?.value).toMatchObject({ reason: expect.stringContaining('not JSON'), value: '{"half' })
}, 60_000)

test('a Redis that is away fails at once, and is used again when it is back', async () => {
  await using lease = await fixtures.acquire('redis')
  await using cache = new RedisSessionCache(lease.url)
  await cache.connect()
  await lease.faults.stop()
  await expect(cache.set('a', 1, 60)).rejects.toThrow(/writeable|closed|ECONN/)
  await lease.faults.start()
  await expect
    .poll(
      () =>
        cache.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true)
}, 60_000)
