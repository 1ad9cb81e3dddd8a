import { expect } from 'vitest'

import type { ConversationEvent } from '../../src/events/conversation-event.ts'
import { topics } from '../../src/events/topics.ts'
import type { RealParts } from '../real-parts.ts'

const within = { timeout: 120_000, interval: 250 }

/** How many answers to messages of users there are. */
export async function countAnswers({ db }: RealParts): Promise<number> {
  const row = await db.one<{ count: number }>`
    select count(*)::int as count from session_events where kind = 'conversation' and event->>'role' = 'assistant'`
  return row?.count ?? 0
}

async function answersByQuestion({ db }: RealParts): Promise<Map<string, number>> {
  const rows = await db.sql<{ asked: string; count: number }>`
    select event->'metadata'->>'in_reply_to' as asked, count(*)::int as count from session_events
    where kind = 'conversation' and event->>'role' = 'assistant' group by 1`
  return new Map(rows.map(({ asked, count }) => [asked, count]))
}

/** The events on a topic, by an id, and how many different ones there are of each. */
async function published(
  { broker }: RealParts,
  topic: string,
  idOf: (event: ConversationEvent) => string,
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>()
  for (const { value } of await broker.topic(topic).messages()) {
    const key = idOf(value as ConversationEvent)
    found.set(key, (found.get(key) ?? new Set()).add(JSON.stringify(value)))
  }
  return found
}

/** Every accepted message is in Postgres and in Kafka, and is answered exactly once in both. */
export async function expectNothingLost(
  real: RealParts,
  accepted: ReadonlyMap<string, { chain: boolean }>,
): Promise<void> {
  const ids = [...accepted.keys()]
  const missing = (from: { has(id: string): boolean }): string[] => ids.filter((id) => !from.has(id))
  await expect.poll(async () => missing(await answersByQuestion(real)), within).toEqual([])
  // Each of those that were not accepted and stored all the same is answered once, too.
  const counts = await answersByQuestion(real)
  expect([...counts].filter(([, count]) => count !== 1)).toEqual([])
  const unsent = () => real.db.sql`select sequence from outbox where sent_at is null`
  await expect.poll(unsent, within).toEqual([])

  const stored = await real.db.sql<{ event_id: string }>`select event_id from session_events`
  expect(missing(new Set(stored.map(({ event_id }) => event_id)))).toEqual([])
  const inbound = await published(real, topics.inbound, ({ event_id }) => event_id)
  expect(missing(inbound)).toEqual([])
  const outbound = await published(real, topics.outbound, ({ metadata }) => String(metadata['in_reply_to']))
  expect(missing(outbound)).toEqual([])
  // The bus may repeat; all repetitions of an answer are the same.
  expect([...outbound].filter(([, versions]) => versions.size !== 1)).toEqual([])
}

/** Every chain has come to its end, and told each of its events once. */
export async function expectChainsComplete({ db }: RealParts): Promise<void> {
  expect(await db.sql`select chain_id, status from chains where status <> 'completed'`).toEqual([])
  expect(await db.sql`select call_id from chain_calls where result is null`).toEqual([])
  const ends = await db.sql`
    select event->>'chain_id' as chain_id from session_events
    where kind = 'agent' and event->>'type' = 'agent_completed' group by 1 having count(*) <> 1`
  expect(ends).toEqual([])
}

/** Nothing was given up on the way. */
export async function expectNoDeadLetters({ broker }: RealParts): Promise<void> {
  for (const topic of Object.values(topics)) {
    const letters = await broker.topic(`${topic}.dead-letter`).messages()
    expect(letters.map(({ value }) => value)).toEqual([])
  }
}
