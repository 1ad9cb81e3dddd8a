import { redis, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import type { RecordedService, Send } from '../harness/record-and-replay.ts'
import { serviceTests } from '../harness/service-tests.ts'
import { MISSING, nodeService } from './node-service.ts'

async function keepNotes(send: Send): Promise<void> {
  await send('GET', '/notes')
  const { body: first } = await send('POST', '/notes', { text: 'buy tea' })
  const { body: second } = await send('POST', '/notes', { text: 'ünï "quoted"\r\n' })
  await send('GET', `/notes/${first.id}`)
  await send('PUT', `/notes/${second.id}`, { text: 'sell tea' })
  await send('GET', `/notes/${second.id}`)
  await send('GET', '/notes')
  await send('GET', '/count')
  await send('GET', `/notes/${MISSING}`)
  await send('GET', '/wrong')
}

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
