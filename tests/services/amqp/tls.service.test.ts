/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a RabbitMQ behind TLS
 * Impact: a suite that runs in seconds, anywhere
 */
import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { startSecureRabbitmq } from '../harness/secure-servers.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { giveJobs, nodeService } from '../node/node-service.ts'

const PASSWORD = 'rabbit-1957'

await describeService('rabbitmq', 'local', () => {
  describe('RabbitMQ that listens with TLS alone', () => {
    it('amqplib is recorded over amqps:, and replayed without it', { timeout: 180_000 }, async () => {
      await using server = await startSecureRabbitmq(PASSWORD)
      await using recording = await recordService({
        command: nodeService('amqplib'),
        env: {
          AMQP_URL: `amqps://keploy:${PASSWORD}@localhost:${server.port}`,
          NODE_EXTRA_CA_CERTS: server.ca,
        },
        requests: giveJobs,
        stop: () => server.stop(),
      })
      expectGreen(await recording.replay(), recording)
      const changed = await recording.replay({ env: { QUEUE: 'tasks' } })
      expect(changed.code).toBe(1)
      expect(JSON.stringify(changed.sets)).toContain('tasks')
    })
  })
})
