/**
 * @marker load_stress
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: requests that are answered, and all of them kept
 * Impact: a mistake here would be copied into many services
 */
import { kafka, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { tokenOf } from './follow-session.ts'
import { runPlatform } from './platform-process.ts'

const REQUESTS = 1_000
const PER_SECOND = 100
const USERS = 50

const fixtures = startFixtures({ kafka: kafka(), redis: redis(), postgres: postgres() })
// The start of a broker takes longer than a test on a busy machine.
beforeAll(async () => {
  const lease = await fixtures.acquire('kafka')
  await lease[Symbol.asyncDispose]()
}, 180_000)
afterAll(() => fixtures.close())

test('load: the gateway holds 100 requests per second over 1,000 requests, all answered, and none is lost', async () => {
  await using broker = await fixtures.acquire('kafka')
  await using cache = await fixtures.acquire('redis')
  await using db = await fixtures.acquire('postgres')
  await using platform = await runPlatform(['--role', 'gateway'], {
    POSTGRES_DSN: db.url,
    REDIS_URL: cache.url,
    KAFKA_BOOTSTRAP_SERVERS: broker.url,
    KAFKA_TOPIC_PREFIX: broker.prefix,
  })
  const tokens = await Promise.all(
    Array.from({ length: USERS }, (_, user) => tokenOf(platform.url, { id: `u${user}` })),
  )

  // Each is sent when it is due, whether those before are answered or not.
  const started = performance.now()
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, async (_, number) => {
      const due = started + (number * 1_000) / PER_SECOND
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
      const response = await fetch(`${platform.url}/v1/session/message`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[number % USERS]}` },
        body: JSON.stringify({ session_id: `s${number % (2 * USERS)}`, message: `message ${number}` }),
      })
      return { status: response.status, ...((await response.json()) as { event_id: string }) }
    }),
  )

  expect(answers.filter(({ status }) => status === 202)).toHaveLength(REQUESTS)
  const accepted = answers.map(({ event_id }) => event_id).toSorted()
  const stored = await db.sql<{ event_id: string }>`select event_id from session_events`
  expect(stored.map(({ event_id }) => event_id).toSorted()).toEqual(accepted)
  const published = async () => {
    const messages = await broker.topic('conversation.inbound').messages()
    return [...new Set(messages.map(({ value }) => (value as { event_id: string }).event_id))].toSorted()
  }
  await expect.poll(published, { timeout: 60_000, interval: 500 }).toEqual(accepted)
}, 180_000)
