/**
 * @marker standard, data_pipeline
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: a message that is answered once, whatever happens
 * Impact: a mistake here would be copied into many services
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { kafka, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, expect, test } from 'vitest'

import { derivedId } from '../src/events/derived-id.ts'
import { followSession, say } from './follow-session.ts'
import { runPlatform } from './platform-process.ts'

const fixtures = startFixtures({ kafka: kafka(), redis: redis(), postgres: postgres() })
afterAll(() => fixtures.close())
const within = { timeout: 40_000, interval: 50 }

async function realParts() {
  const [broker, cache, db] = await Promise.all([
    fixtures.acquire('kafka'),
    fixtures.acquire('redis'),
    fixtures.acquire('postgres'),
  ])
  const env = {
    POSTGRES_DSN: db.url,
    REDIS_URL: cache.url,
    KAFKA_BOOTSTRAP_SERVERS: broker.url,
    KAFKA_TOPIC_PREFIX: broker.prefix,
  }
  const answers = async (session: string) =>
    db.sql<{
      event_id: string
    }>`select event_id from session_events where session_id = ${session} and event->>'role' = 'assistant'`
  return {
    broker,
    cache,
    db,
    env,
    answers,
    async [Symbol.asyncDispose]() {
      await Promise.all([broker, cache, db].map((lease) => lease[Symbol.asyncDispose]()))
    },
  }
}

test('a message is answered on the WebSocket, and is in Postgres, Kafka and Redis', async () => {
  await using real = await realParts()
  await using platform = await runPlatform([], real.env)
  expect(platform.line).toContain(
    '(gateway, worker, tools, orchestrator: Postgres, Kafka, Redis, local deterministic model)',
  )
  await using client = await followSession(platform.url, 's1')
  const { status, event_id } = await say(platform.url, 'Hello Zoë', 's1')
  expect(status).toBe(202)
  await expect.poll(() => client.events().map(({ role }) => role), within).toEqual(['user', 'assistant'])
  const [asked, answer] = client.events()
  expect(answer).toMatchObject({ event_id: derivedId('answer', event_id), metadata: { in_reply_to: event_id } })

  await real.broker.topic('conversation.inbound').expect({ key: 's1', value: { event_id, message: 'Hello Zoë' } })
  await real.broker
    .topic('conversation.outbound')
    .expect({ key: 's1', value: { role: 'assistant', message: answer!.message } })
  expect(await real.db.sql`select event_id from session_events order by sequence`).toHaveLength(2)
  await expect
    .poll(async () => real.cache.command('GET', `session:s1:event:${event_id}`), within)
    .toBe(JSON.stringify(asked))

  await real.broker.topic('conversation.inbound').produce({ key: 's1', value: asked })
  await real.broker.topic('conversation.inbound').produce({ key: 's1', value: { event_id: 'x' } })
  const letter = await real.broker.topic('conversation.inbound.dead-letter').expect({ key: 's1' }, { within: 40_000 })
  expect(letter.value).toMatchObject({
    reason: expect.stringContaining('/session_id is missing'),
    value: { event_id: 'x' },
  })
  // The letter came after the event that was delivered again, on the same key: that one was handled by now.
  expect(await real.answers('s1')).toHaveLength(1)
  expect(await platform.stop()).toEqual([0, null])
}, 120_000)

test('a tool is run by request, and its result published', async () => {
  await using real = await realParts()
  await using platform = await runPlatform(['--role', 'tools'], real.env)
  expect(platform.url).toBe('')
  const request = { event_id: 'r1', tool_name: 'echo', args: { text: 'Zoë', deep: [null] } }
  await real.broker.topic('tool.requests').produce({ key: 's1', value: request })
  await real.broker
    .topic('tool.results')
    .expect({ value: { event_id: 'r1', status: 'ok', payload: request.args } }, { within: 40_000 })
}, 120_000)

test('a worker that is killed in the middle of an answer: after its restart the answer is there, once', async () => {
  await using real = await realParts()
  await using gateway = await runPlatform(['--role', 'gateway'], real.env)
  // A model that never answers holds the worker in the middle.
  const asked = Promise.withResolvers<void>()
  const silent = createServer(() => asked.resolve()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  await using worker = await runPlatform(['--role', 'worker'], {
    ...real.env,
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
  })
  await using client = await followSession(gateway.url, 's1')
  await say(gateway.url, 'Are you there?', 's1')
  await asked.promise
  expect(await worker.stop('SIGKILL')).toEqual([null, 'SIGKILL'])
  silent.closeAllConnections()
  silent.close()
  expect(await real.answers('s1')).toEqual([])

  await using again = await runPlatform(['--role', 'worker'], real.env)
  await expect.poll(() => client.events().map(({ role }) => role), within).toEqual(['user', 'assistant'])
  expect(await real.answers('s1')).toHaveLength(1)
  expect(await again.stop()).toEqual([0, null])
}, 120_000)
