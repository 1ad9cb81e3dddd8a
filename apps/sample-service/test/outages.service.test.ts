/**
 * @marker load_stress
 *
 * Segment: operators
 * Goal: service that goes on while a dependency is away
 * Value: outages that end without a repair
 * Impact: a night of sleep
 */
import { expect, test } from 'vitest'

import { topics } from '../src/events/topics.ts'
import { startClient } from './chaos/client.ts'
import { startLoad } from './chaos/load.ts'
import { countAnswers, expectNothingLost } from './chaos/verify.ts'
import { runPlatform } from './platform-process.ts'
import { useRealParts, type RealParts } from './real-parts.ts'

const acquire = useRealParts()
const within = { timeout: 90_000, interval: 100 }

/** What can happen to a service, and how it ends. */
const outages: [
  name: string,
  begin: (faults: Faults) => Promise<unknown>,
  end: (faults: Faults) => Promise<unknown>,
][] = [
  ['is stopped', (faults) => faults.stop(), (faults) => faults.start()],
  ['hangs', (faults) => faults.pause(), (faults) => faults.resume()],
  [
    'answers after two seconds',
    (faults) => faults.slow({ latencyMs: 2_000 }),
    (faults) => faults.slow({ latencyMs: 0 }),
  ],
]
type Faults = RealParts['cache']['faults']

test.each(outages)(
  'Redis %s: sessions are created, tools run, messages are kept, and health says so',
  async (_name, begin, end) => {
    await using real = await acquire()
    await using platform = await runPlatform([], real.env)
    await using client = await startClient(platform.url)
    await client.ask('before', 's1')
    const stream = await client.follow('s1')

    await begin(real.cache.faults)
    await expect.poll(client.health, within).toMatchObject({ code: 200, status: 'degraded', redis: { status: 'down' } })
    const created = await client.post('/api/v1/sessions', { type: 'adventure', title: 'without Redis' })
    expect(created.status).toBe(201)
    const asked = await client.say('during', 's1')
    expect((await client.eventsOf('s1')).map(({ event_id }) => event_id)).toContain(asked)
    await expect.poll(() => stream.events.map(({ message }) => message), within).toContain('during')
    await real.broker
      .topic(topics.toolRequests)
      .produce({ key: 's1', value: { event_id: 't1', tool_name: 'echo', args: { a: 1 } } })
    await real.broker.topic(topics.toolResults).expect({ value: { event_id: 't1', status: 'ok' } }, { within: 60_000 })
    expect((await client.execute('without Redis')).status).toBe('completed')

    await end(real.cache.faults)
    await expect.poll(client.health, within).toMatchObject({ code: 200, status: 'healthy', redis: { status: 'up' } })
    // A budget cannot be checked without Redis, so the answer came only now, and once.
    await expect.poll(async () => (await client.answersTo('s1', asked)).length, within).toBe(1)
    await client.ask('after', 's1')
    expect(stream.events).toHaveLength(6)
    expect(await platform.stop()).toEqual([0, null])
  },
  300_000,
)

test.each(outages)(
  'Kafka %s: messages are accepted and kept, and are answered once when it is back; health says so',
  async (_name, begin, end) => {
    await using real = await acquire()
    await using platform = await runPlatform([], real.env)
    await using client = await startClient(platform.url)
    await client.ask('before', 's1')
    const stream = await client.follow('s1')

    await begin(real.broker.faults)
    await expect.poll(client.health, within).toMatchObject({ code: 200, status: 'degraded', kafka: { status: 'down' } })
    const accepted = new Map<string, { chain: boolean }>()
    for (const session of ['s1', 's2', 's3']) accepted.set(await client.say('during', session), { chain: false })
    expect(await client.eventsOf('s2')).toHaveLength(1)

    await end(real.broker.faults)
    await expect.poll(client.health, within).toMatchObject({ code: 200, status: 'healthy', kafka: { status: 'up' } })
    await expectNothingLost(real, accepted)
    await expect.poll(() => stream.events.length, within).toBe(4)
    await client.ask('after', 's1')
    expect(await platform.stop()).toEqual([0, null])
  },
  300_000,
)

test.each(outages.slice(0, 2))(
  'Postgres %s: a clean 503, no accepted message is lost, and the platform recovers by itself',
  async (_name, begin, end) => {
    await using real = await acquire()
    await using platform = await runPlatform([], real.env)
    await using client = await startClient(platform.url)
    await client.ask('before', 's1')
    const stream = await client.follow('s1')
    const accepted = new Map<string, { chain: boolean }>()
    // Some are on their way when it begins.
    const onTheirWay = ['a', 'b', 'c'].map(async (session) => {
      const { status, body } = await client.post('/v1/session/message', { message: 'x', session_id: session })
      if (status === 202) accepted.set(body['event_id'] as string, { chain: false })
      return status
    })

    await begin(real.db.faults)
    await expect
      .poll(client.health, within)
      .toMatchObject({ code: 503, status: 'unhealthy', database: { status: 'down' } })
    const [refused, elsewhere, task] = await Promise.all([
      client.post('/v1/session/message', { message: 'during', session_id: 's1' }),
      client.post('/api/v1/sessions', { type: 'mystery', title: 'during' }),
      client.post('/api/orchestration/execute', { type: 'simple', prompt: 'during' }),
    ])
    expect(refused).toEqual({ status: 503, body: { detail: 'The database does not answer' } })
    expect(elsewhere).toEqual({ status: 503, body: { detail: 'The database does not answer' } })
    expect(task).toMatchObject({ status: 503, body: { error_code: 'UNAVAILABLE' } })
    for (const status of await Promise.all(onTheirWay)) expect([202, 503]).toContain(status)

    await end(real.db.faults)
    await expect.poll(client.health, within).toMatchObject({ code: 200, status: 'healthy', database: { status: 'up' } })
    accepted.set(await client.say('after', 's1'), { chain: false })
    await expectNothingLost(real, accepted)
    await expect.poll(() => stream.events.map(({ message }) => message), within).toContain('after')
    expect(await platform.stop()).toEqual([0, null])
  },
  300_000,
)

test('connections to all three that are cut under load again and again: nothing is lost', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  const load = startLoad({ gatewayUrl: () => platform.url, chains: 0.2, answered: () => countAnswers(real) })
  for (let round = 0; round < 5; round++) {
    for (const { faults } of [real.db, real.broker, real.cache]) {
      const before = load.accepted.size
      await expect.poll(() => load.accepted.size, within).toBeGreaterThan(before + 5)
      await faults.cut()
    }
  }
  await load.stop()
  await expectNothingLost(real, load.accepted)
  expect(await platform.stop()).toEqual([0, null])
}, 300_000)

test('SIGTERM under load, with streams open: streams are told, requests under way are finished, and nothing is lost', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  const streams = await Promise.all(Array.from({ length: 20 }, (_, number) => client.follow(`watched-${number}`)))
  const load = startLoad({ gatewayUrl: () => platform.url, answered: () => countAnswers(real) })
  await expect.poll(() => load.accepted.size, within).toBeGreaterThan(50)

  expect(await platform.stop('SIGTERM')).toEqual([0, null])
  await load.stop()
  expect(new Set(await Promise.all(streams.map(({ closed }) => closed)))).toEqual(new Set([1001]))
  // What was on its way was answered or its connection closed; nothing failed inside.
  expect([...load.failures.keys()].filter((name) => name === '500')).toEqual([])
  await using again = await runPlatform([], real.env)
  await expectNothingLost(real, load.accepted)
  expect(await again.stop()).toEqual([0, null])
}, 300_000)
