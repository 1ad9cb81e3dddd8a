/**
 * @marker adversarial
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: one bad message that stops nobody else
 * Impact: a mistake here would be copied into many services
 */
import { expect, test } from 'vitest'

import { topics } from '../src/events/topics.ts'
import { startClient } from './chaos/client.ts'
import { countAnswers } from './chaos/verify.ts'
import { runPlatform } from './platform-process.ts'
import { useRealParts, type RealParts } from './real-parts.ts'

const acquire = useRealParts()
const within = { timeout: 60_000, interval: 100 }
const expectWithin = { within: 60_000 }

/** What is wrong with an empty object on each topic: the path of the first thing that is missing. */
const FIRST_PATH: Record<string, string> = {
  [topics.inbound]: '/event_id is missing',
  [topics.outbound]: '/event_id is missing',
  [topics.deltas]: '/session_id is missing',
  [topics.toolRequests]: '/event_id is missing',
  [topics.toolResults]: '/event_id is missing',
  [topics.chainSteps]: '/chain_id is missing',
  [topics.agentEvents]: '/event_id is missing',
  [topics.taskEvents]: '/owner is missing',
}

/** Sends poison to a topic that a consumer of the platform follows, and looks for the letter about each of them. */
async function poison({ broker }: RealParts, topic: string): Promise<void> {
  const key = 'poison'
  const large = JSON.stringify({ text: 'x'.repeat(2_000_000) })
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  const wrongIds = JSON.stringify({ event_id: 'a b', session_id: '', chain_id: '../..', owner: 7 })
  await broker.topic(topic).produce([
    { key, value: '{"half' },
    { key, value: null },
    { key, value: '{}' },
    { key, value: wrongIds },
    { key, value: large },
    { key, value: deep },
    { key, value: Buffer.from([0xff, 0xfe, 0x00]) },
  ])
  const letters = broker.topic(`${topic}.dead-letter`)
  const letter = (reason: string | RegExp) =>
    letters.expect({ key, value: { reason: expect.stringMatching(reason) } }, expectWithin)
  await letter(/^not JSON/)
  await letter(/the event must be object/)
  await letter(FIRST_PATH[topic]!)
  await letter(/\/(event_id|session_id|chain_id|owner) must/)
  await letter(/nested more than 100 deep/)
  // The large one is there by its beginning.
  await letters.expect(
    ({ value }) => /^\{"text":"x+…$/.test(String((value as { value?: unknown }).value)),
    expectWithin,
  )
}

test('poison on every topic becomes a dead letter with the reason and the path of the mistake, and the consumer goes on', async () => {
  await using real = await acquire()
  // Large messages reach consumers only where brokers take them.
  const config = { 'max.message.bytes': '5000000' }
  await Promise.all(Object.values(topics).map((topic) => real.broker.topic(topic, { partitions: 6, config }).ready()))
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  await client.ask('Hello', 'before')

  expect(Object.keys(FIRST_PATH).sort()).toEqual(Object.values(topics).sort())
  await Promise.all(Object.values(topics).map((topic) => poison(real, topic)))

  // Everything still works, on the keys of the poison, too.
  await client.ask('Are you still there?', 'poison')
  const request = { event_id: 'after-poison', tool_name: 'echo', args: { text: 'Zoë' } }
  await real.broker.topic(topics.toolRequests).produce({ key: 'poison', value: request })
  await real.broker
    .topic(topics.toolResults)
    .expect({ value: { event_id: 'after-poison', status: 'ok' } }, expectWithin)
  await using tasks = await client.followTasks()
  const task = await client.execute('Do something')
  await expect.poll(() => tasks.events.map(({ type }) => type), within).toEqual(['task_started', 'task_completed'])
  expect(task.status).toBe('completed')
  expect(await platform.stop()).toEqual([0, null])
}, 300_000)

test('events that are delivered again, on every topic, change nothing', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  await client.ask('Hello', 's1')
  await client.ask('And to a persona', 's2', 'web_assistant')
  await client.execute('Do something')
  await real.broker
    .topic(topics.toolRequests)
    .produce({ key: 's1', value: { event_id: 'r1', tool_name: 'echo', args: {} } })
  await real.broker.topic(topics.toolResults).expect({ value: { event_id: 'r1' } }, expectWithin)
  const state = async () => ({
    events: await real.db.sql`select event_id from session_events order by sequence`,
    chains: await real.db.sql`select chain_id, status, step from chains`,
    tasks: await real.db.sql`select task_id, status from tasks`,
    processed: await real.db.sql`select consumer, event_id from processed_events order by 1, 2`,
    results: (await real.broker.topic(topics.toolResults).messages()).length,
  })
  const unsent = () => real.db.sql`select sequence from outbox where sent_at is null`
  await expect.poll(unsent, within).toEqual([])
  const before = await state()

  for (const topic of [topics.inbound, topics.chainSteps, topics.toolRequests, topics.taskEvents]) {
    const told = await real.broker.topic(topic).messages()
    expect(told.length).toBeGreaterThan(0)
    await real.broker.topic(topic).produce(told.map(({ raw, key }) => ({ key, value: raw.value })))
  }
  // Behind the repeated ones, on each of their keys.
  for (const session of ['s1', 's2']) await client.ask('Next', session)
  expect(await countAnswers(real)).toBe(4)
  const after = await state()
  expect(after.events).toEqual(expect.arrayContaining(before.events))
  expect(after.events).toHaveLength(before.events.length + 4)
  expect({ ...after, events: [], processed: [] }).toEqual({ ...before, events: [], processed: [] })
  expect(await platform.stop()).toEqual([0, null])
}, 300_000)
