/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Redis behind TLS
 * Impact: a suite that runs in seconds, anywhere
 */
import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { startSecureRedis } from '../harness/secure-servers.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { keepNotes, nodeService } from '../node/node-service.ts'

const PASSWORD = 'a secret of Redis 1969'

await describeService('redis', 'local', () => {
  describe('Redis that listens with TLS alone', () => {
    it.for([
      { driver: 'ioredis', name: 'redis' },
      { driver: 'node-redis', name: 'node-redis' },
    ])('$driver is recorded over rediss:, and replayed without it', { timeout: 120_000 }, async ({ name }) => {
      await using server = await startSecureRedis(PASSWORD)
      await using recording = await recordService({
        command: nodeService(name),
        env: {
          REDIS_URL: `rediss://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`,
          // The relay checks the server as the service would have.
          NODE_EXTRA_CA_CERTS: server.ca,
        },
        requests: keepNotes,
        stop: () => server.stop(),
      })
      expectGreen(await recording.replay(), recording)
      const changed = await recording.replay({ env: { COUNT_KEY: 'noted' } })
      expect(changed.code).toBe(1)
      expect(JSON.stringify(changed.sets)).toContain(' noted')
    })
  })
})
