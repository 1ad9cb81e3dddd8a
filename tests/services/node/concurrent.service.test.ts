/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: the same verdict for many clients at once
 * Impact: a suite that runs in seconds, anywhere
 */
import { mysql, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { describe, expect, it } from 'vitest'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { recordService, withoutTimes, type RecordedService, type Send } from '../harness/record-and-replay.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { nodeService } from './node-service.ts'
import { startStockApi } from './stock-api.ts'

const CLIENTS = 32

/** Calls that may stay ambiguous through relays, and some that follow from them. */
const valueless: Readonly<Record<string, number>> = { pg: 3 * CLIENTS, ioredis: 2 * CLIENTS }

/** Each client makes something, reads it and changes it, while all others do the same. */
function byManyClients(path: string): RecordedService['requests'] {
  const client = async (send: Send, number: number): Promise<void> => {
    const about = (word: string) => ({
      item: `${word} ${number}`,
      text: `${word} ${number}`,
      amount: number,
      paid: true,
    })
    const { body } = await send('POST', path, about('made by'))
    await send('GET', `${path}/${body.id}`)
    await send('PUT', `${path}/${body.id}`, about('changed by'))
  }
  return async (send) => {
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(send, number)))
  }
}

type Prepared = Pick<RecordedService, 'command' | 'env' | 'stop' | 'config'>

const prepare: Readonly<Record<string, () => Promise<Prepared>>> = {
  async pg() {
    const fixtures = startFixtures({ db: postgres({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('db')
    return { command: nodeService('pg'), env: { DATABASE_URL: url }, stop: () => fixtures.close() }
  },
  async ioredis() {
    const fixtures = startFixtures({ cache: redis({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('cache')
    return { command: nodeService('redis'), env: { REDIS_URL: url }, stop: () => fixtures.close() }
  },
  async mysql2() {
    const fixtures = startFixtures({ shop: mysql({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('shop')
    return { command: nodeService('mysql2'), env: { MYSQL_URL: url }, stop: () => fixtures.close() }
  },
  async fetch() {
    const api = await startStockApi()
    return {
      command: nodeService('http'),
      env: { STOCK_API: `http://127.0.0.1:${api.port}` },
      config: 'dependencies:\n  map:\n    STOCK_API: {}\n',
      stop: () => api.close(),
    }
  },
}

await describeServices({ postgres: 'local', redis: 'local', mysql: 'local' }, () => {
  describe.each(Object.entries(prepare))(`${CLIENTS} clients at once through %s`, (driver, start) => {
    const requests = byManyClients(driver === 'ioredis' ? '/notes' : '/orders')

    it('replay alike with one worker and with four, through relays', async () => {
      await using recording = await recordService({ ...(await start()), requests })
      expect(recording.tests).toBe(3 * CLIENTS)
      expect(recording.calls.ambiguous, JSON.stringify(recording.calls)).toBeLessThanOrEqual(valueless[driver] ?? 0)
      const verdict = await recording.replay()
      expectGreen(verdict, recording)
      expect(withoutTimes(await recording.replay({ args: ['--workers', '4'] }))).toEqual(withoutTimes(verdict))
    })

    it('are told apart by the hook, and replay', async () => {
      await using recording = await recordService({ ...(await start()), requests, options: ['--hook'] })
      expect(recording.calls).toMatchObject({ ambiguous: 0, leftOut: 0 })
      expectGreen(await recording.replay(), recording)
    })
  })
})
