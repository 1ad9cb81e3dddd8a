/**
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: what users see stays when a cache goes
 * Impact: a mistake here would be copied into many services
 */
import { redis, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, expect, test } from 'vitest'

import { full, keyOf, uiStateContract, update } from '../../test/contracts/ui-state.ts'
import { openUiStates } from './open-ui-states.ts'
import { RedisUiStateStore } from './redis-ui-state-store.ts'
import { nameOf } from './ui-state-store.ts'
import { valuesOf } from './ui-state.ts'

const fixtures = startFixtures({ redis: redis() })
afterAll(() => fixtures.close())
const within = { timeout: 40_000, interval: 20 }
const key = keyOf('s1')

uiStateContract('Redis', async (ttlMs, work) => {
  await using lease = await fixtures.acquire('redis')
  await using store = new RedisUiStateStore({ url: lease.url, ...(ttlMs !== undefined && { ttlMs }) })
  await store.connect()
  await work(store)
})

test('UI state: Redis keeps it for 24 hours after the last change, under a name with tenant, user and session', async () => {
  await using lease = await fixtures.acquire('redis')
  await using states = await openUiStates(lease.url)
  await states.merge(key, update(Date.now(), { page_type: 'clients' }))
  expect(nameOf(key)).toBe('ui-state:clinic:ada:s1')
  const ttl = Number(await lease.command('TTL', nameOf(key)))
  expect(ttl).toBeGreaterThan(86_000)
  expect(ttl).toBeLessThanOrEqual(86_400)
})

/** Both gateways of a platform, and a way to see what Redis itself has. */
async function twoGateways() {
  const lease = await fixtures.acquire('redis')
  const problems: string[] = []
  const open = () => openUiStates(lease.url, (problem) => problems.push(problem))
  const [one, other] = await Promise.all([open(), open()])
  return {
    lease,
    one,
    other,
    problems,
    open,
    async [Symbol.asyncDispose]() {
      await lease.faults.reset()
      await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
      await lease[Symbol.asyncDispose]()
    },
  }
}

test.each([
  ['stops and comes back empty', 'stop', 'start'],
  ['does not answer', 'pause', 'resume'],
] as const)(
  'UI state: while Redis %s, changes go on in this process; afterwards the newest value of each field is everywhere',
  async (_name, begin, end) => {
    await using platform = await twoGateways()
    const { lease, one, other, problems } = platform
    const start = Date.now()
    await one.merge(key, full(start, { page_type: 'clients', selectedTemplate: 't1', before: 'kept' }))
    await other.merge(key, update(start + 1, { of_other: 'kept, too' }))
    await one.merge(keyOf('quiet'), full(start, { untouched: true }))

    await lease.faults[begin]()
    // Two gateways that cannot see each other.
    await one.merge(key, update(start + 10, { page_type: 'sessions', selectedTemplate: 't2' }))
    await other.merge(key, update(start + 20, { page_type: 'documents' }))
    await other.merge(key, update(start + 5, { selectedTemplate: 'older than t2' }))
    expect(valuesOf(await one.read(key))).toMatchObject({
      page_type: 'sessions',
      selectedTemplate: 't2',
      before: 'kept',
    })
    expect(valuesOf(await other.read(key))).toMatchObject({ page_type: 'documents', of_other: 'kept, too' })
    expect([one.behind, other.behind]).toEqual([1, 1])
    expect(problems).toContain('states of user interfaces are kept in this process for now')

    await lease.faults[end]()
    await expect.poll(() => [one.behind, other.behind], within).toEqual([0, 0])
    const expected = {
      page_type: 'documents',
      selectedTemplate: 't2',
      before: 'kept',
      of_other: 'kept, too',
    }
    // What a gateway reads that has just been started is what Redis has.
    await using third = await platform.open()
    for (const states of [one, other, third]) {
      await expect.poll(async () => valuesOf(await states.read(key)), within).toEqual(expected)
    }
    // Nobody touched this one in the meantime, and a Redis that comes back empty has it all the same.
    await expect.poll(async () => valuesOf(await third.read(keyOf('quiet'))), within).toEqual({ untouched: true })
  },
  120_000,
)

test('UI state: a connection that is cut is made again, and what was changed is there', async () => {
  await using platform = await twoGateways()
  await platform.lease.faults.cut()
  await platform.one.merge(key, update(Date.now(), { page_type: 'calendar' }))
  await expect.poll(async () => valuesOf(await platform.other.read(key)), within).toEqual({ page_type: 'calendar' })
}, 60_000)

test('UI state: a platform that starts while Redis is away begins without it, and shares what it knows later', async () => {
  await using lease = await fixtures.acquire('redis')
  await lease.faults.stop()
  await using early = await openUiStates(lease.url)
  await early.merge(key, update(Date.now(), { page_type: 'templates' }))
  expect(valuesOf(await early.read(key))).toEqual({ page_type: 'templates' })
  await lease.faults.start()
  await using later = await openUiStates(lease.url)
  await expect.poll(async () => valuesOf(await later.read(key)), within).toEqual({ page_type: 'templates' })
}, 60_000)

test('UI state: a stop of the process shares what is behind when Redis answers by then', async () => {
  await using lease = await fixtures.acquire('redis')
  const states = await openUiStates(lease.url)
  await lease.faults.pause()
  await states.merge(key, update(Date.now(), { page_type: 'templates' }))
  expect(states.behind).toBe(1)
  await lease.faults.resume()
  await states[Symbol.asyncDispose]()
  await using next = await openUiStates(lease.url)
  expect(valuesOf(await next.read(key))).toEqual({ page_type: 'templates' })
}, 60_000)
