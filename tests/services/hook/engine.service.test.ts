/**
 * Segment: teams with services in Node
 * Goal: calls are seen without a change of code
 * Value: calls that are recorded in the process that makes them
 * Impact: attribution without guesses, also of many requests at once
 */
import { mongodb, mysql, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { describe, expect, it } from 'vitest'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { recordService, type RecordedService, type Send } from '../harness/record-and-replay.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { nodeService } from '../node/node-service.ts'
import { startStockApi, startStockGrpc } from '../node/stock-api.ts'

const CLIENTS = 32

/** Each of 32 clients at once makes something. */
const atOnce =
  (folder: string, body: (number: number) => unknown) =>
  async (send: Send): Promise<void> => {
    const client = async (number: number): Promise<void> => {
      expect((await send('POST', `/${folder}`, body(number))).status).toBe(201)
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  }
const orders = atOnce('orders', (number) => ({ item: `item ${number}`, amount: number + 0.5, tags: [], extra: {} }))
const notes = atOnce('notes', (number) => ({ text: `note ${number}` }))

const services: Record<string, () => Promise<RecordedService>> = {
  async pg() {
    const fixtures = startFixtures({ db: postgres({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('db')
    return { command: nodeService('pg'), env: { DATABASE_URL: url }, requests: orders, stop: () => fixtures.close() }
  },
  async mysql2() {
    const fixtures = startFixtures({ shop: mysql({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('shop')
    return { command: nodeService('mysql2'), env: { MYSQL_URL: url }, requests: orders, stop: () => fixtures.close() }
  },
  async ioredis() {
    const fixtures = startFixtures({ cache: redis({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('cache')
    return { command: nodeService('redis'), env: { REDIS_URL: url }, requests: notes, stop: () => fixtures.close() }
  },
  async mongodb() {
    const fixtures = startFixtures({ documents: mongodb({ providers: ['embedded'] }) })
    const { url } = await fixtures.acquire('documents')
    return {
      command: nodeService('mongodb'),
      env: { MONGODB_URL: url },
      requests: orders,
      stop: () => fixtures.close(),
    }
  },
  async http() {
    const api = await startStockApi()
    const env = { STOCK_API: `http://127.0.0.1:${api.port}` }
    return { command: nodeService('http'), env, requests: orders, stop: () => api.close() }
  },
  async grpc() {
    const api = await startStockGrpc()
    const env = { STOCK_GRPC: `127.0.0.1:${api.port}` }
    return { command: nodeService('grpc'), env, requests: orders, stop: () => api.close() }
  },
}
const providers = { postgres: 'local', mysql: 'local', redis: 'local', mongodb: 'embedded' } as const

describe('a dependency that is not there', () => {
  it.for([
    { way: 'the hook', options: ['--hook'] },
    { way: 'relays', options: [] },
  ])('refuses again in a replay, through $way', { timeout: 60_000 }, async ({ options }) => {
    const env = { STOCK_API: 'http://127.0.0.1:9' }
    const config = 'dependencies:\n  map:\n    STOCK_API: {}\n'
    const requests = async (send: Send): Promise<void> => void (await send('GET', '/orders'))
    const stop = async (): Promise<void> => undefined
    await using recording = await recordService({ command: nodeService('http'), env, config, requests, stop, options })
    expect(recording.calls.mocks).toBeGreaterThan(0)
    const verdict = await recording.replay()
    expect(
      verdict.sets.flatMap(({ tests }) => tests).flatMap(({ failures }) => failures),
      verdict.log,
    ).toEqual([])
    expect(verdict).toMatchObject({ code: 0, mocks: { missed: 0 } })
  })
})

await describeServices(providers, () => {
  describe.concurrent.for(Object.entries(services))('%s', ([, start]) => {
    it(
      'is recorded through the hook with 32 clients at once, and replayed with nothing to talk to',
      { timeout: 180_000 },
      async () => {
        await using recording = await recordService({ ...(await start()), options: ['--hook'] })
        expect(recording.tests).toBe(CLIENTS)
        expect(recording.calls.known, recording.log).toBeGreaterThanOrEqual(CLIENTS)
        expect(recording.calls.ambiguous, recording.log).toBe(0)
        expectGreen(await recording.replay(), recording)
      },
    )
  })
})
