/**
 * Segment: developers of the platform
 * Goal: what goes through Postgres, Kafka and Redis says the same in all of them
 * Value: data that can be believed
 * Impact: nobody repairs tables by hand
 *
 * @category integration
 * @marker data_pipeline
 */
import { MockOpenAIBuilder } from '@keploy-framework/llm'
import { expect, test } from 'vitest'

import type { ConversationEvent } from '../../src/events/conversation-event.ts'
import { topics } from '../../src/events/topics.ts'
import { startClient } from '../chaos/client.ts'
import { bearerOf } from '../follow-session.ts'
import { runPlatform } from '../platform-process.ts'
import { useRealParts } from '../real-parts.ts'

const acquire = useRealParts()
const within = { timeout: 60_000, interval: 50 }

test('message coordination: messages of a session are published and answered in their order, those of others in between', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  const sessions = ['a', 'b', 'c']
  const said = new Map<string, string[]>(sessions.map((session) => [session, []]))
  for (let number = 0; number < 15; number++) {
    await Promise.all(
      sessions.map(async (session) => said.get(session)!.push(await client.say(`${session} ${number}`, session))),
    )
  }
  for (const session of sessions) {
    const answers = async () =>
      (await client.eventsOf(session)).flatMap(({ metadata }) => metadata['in_reply_to'] ?? []).reverse()
    await expect.poll(answers, within).toEqual(said.get(session))
  }
  for (const [topic, idOf] of [
    [topics.inbound, ({ event_id }: ConversationEvent) => event_id],
    [topics.outbound, ({ metadata }: ConversationEvent) => metadata['in_reply_to']],
  ] as const) {
    // The bus may repeat, and never before its time.
    const published = (await real.broker.topic(topic).messages()).map(({ value }) => value as ConversationEvent)
    for (const session of sessions) {
      const ids = published.filter(({ session_id }) => session_id === session).map(idOf)
      expect([...new Set(ids)]).toEqual(said.get(session))
    }
  }
}, 120_000)

test('graph operations: what follows from a message is found by one recursive query, down to each result of a tool', async () => {
  await using real = await acquire()
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  llm.chat.always({
    reply({ messages }) {
      const steps = messages.filter(({ role }) => role === 'tool').length
      return steps < 3 ? { toolCalls: [{ name: 'search_clients', arguments: { query: `${steps}` } }] } : 'Done.'
    },
  })
  await using platform = await runPlatform([], { ...real.env, OPENAI_BASE_URL: llm.baseUrl })
  await using client = await startClient(platform.url)
  const answer = await client.ask('Search three times.', 's1', 'web_assistant')
  await client.ask('Of another session.', 's2', 'web_assistant')
  const asked = String(answer.metadata['in_reply_to'])

  const reached = await real.db.sql<{ node: string; depth: number }>`
    with recursive edges (source, target) as (
      select asked->>'event_id', 'chain:' || chain_id from chains
      union all select 'chain:' || chain_id, 'call:' || call_id from chain_calls where step = 0
      union all select 'call:' || one.call_id, 'call:' || next.call_id from chain_calls one
        join chain_calls next on next.chain_id = one.chain_id and next.step = one.step + 1
      union all select event->'metadata'->>'in_reply_to', 'answer:' || event_id from session_events where kind = 'conversation'
    ), reached (node, depth) as (
      select ${asked}::text, 0
      union select target, depth + 1 from reached join edges on source = node
    ) cycle node set is_cycle using path
    select node, depth from reached order by depth, node`
  expect(reached.map(({ node, depth }) => [node.split(':')[0], depth])).toEqual([
    [asked, 0],
    ['answer', 1],
    ['chain', 1],
    ['call', 2],
    ['call', 3],
    ['call', 4],
  ])
  expect(reached.map(({ node }) => node)).toContain(`answer:${answer.event_id}`)
}, 120_000)

test('state: pages of a session add up to all that was said in it, in the order of the database, while more is said', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  for (let number = 0; number < 12; number++) await client.say(`message ${number}`, 's1')
  await expect.poll(async () => (await client.eventsOf('s1')).length, within).toBe(24)
  const rows = await real.db.sql<{ event: ConversationEvent }>`
    select event from session_events where session_id = 's1' and kind = 'conversation' order by sequence desc`

  const pages: ConversationEvent[] = []
  for (let before: string | null = ''; before !== null;) {
    const response = await fetch(`${platform.url}/v1/session/s1/events?limit=5${before && `&before=${before}`}`, {
      headers: bearerOf(client.token),
    })
    const page = (await response.json()) as { events: ConversationEvent[]; next: string | null }
    pages.push(...page.events)
    before = page.next
    await client.say('in between', 's1')
  }
  expect(pages).toEqual(rows.map(({ event }) => event))
}, 120_000)

test('cache consistency: what Redis has is what Postgres has; what it forgets is read again, and two gateways see the same', async () => {
  await using real = await acquire()
  await using one = await runPlatform([], real.env)
  await using other = await runPlatform(['--role', 'gateway'], real.env)
  await using client = await startClient(one.url)
  const event_id = await client.say('Zoë 🎲', 's1')
  const key = `session:s1:event:${event_id}`
  const cached = async () => {
    const text = await real.cache.command('GET', key)
    return text === null ? null : (JSON.parse(String(text)) as unknown)
  }
  const read = async (url: string) =>
    (await fetch(`${url}/v1/session/s1/events/${event_id}`, { headers: bearerOf(client.token) })).json()
  const [row] = await real.db.sql<{ event: unknown }>`select event from session_events where event_id = ${event_id}`
  await expect.poll(cached, within).toEqual(row!.event)
  expect(await read(other.url)).toEqual(row!.event)

  await real.cache.command('DEL', key)
  expect(await cached()).toBeNull()
  expect(await read(other.url)).toEqual(row!.event)
  await expect.poll(cached, within).toEqual(row!.event)
  await real.cache.faults.stop()
  expect(await read(one.url)).toEqual(row!.event)
}, 120_000)
