/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with Redis, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { redis, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import type { RecordedService } from '../harness/record-and-replay.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { keepNotes, nodeService } from './node-service.ts'

async function start(name: string, env: Record<string, string> = {}): Promise<RecordedService> {
  const fixtures = startFixtures({ cache: redis({ providers: ['local'] }) })
  const { url } = await fixtures.acquire('cache')
  return {
    command: nodeService(name),
    env: { REDIS_URL: url, ...env },
    requests: keepNotes,
    stop: () => fixtures.close(),
  }
}

const change = { env: () => ({ COUNT_KEY: 'noted' }), names: ' noted' }

await describeService('redis', 'local', () => {
  describe('ioredis', () => {
    serviceTests({ start: () => start('redis'), change })
  })
  describe('node-redis with RESP2', () => {
    serviceTests({ start: () => start('node-redis'), change })
  })
  describe('node-redis with RESP3', () => {
    serviceTests({ start: () => start('node-redis', { RESP: '3' }), change })
  })
})
