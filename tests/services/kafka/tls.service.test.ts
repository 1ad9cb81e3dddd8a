/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Kafka behind TLS and a login
 * Impact: a suite that runs in seconds, anywhere
 */
import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { KAFKA_ACCOUNT, startSecureKafka } from '../harness/secure-kafka.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { nodeService, sendAndSee } from '../node/node-service.ts'

await describeService('kafka', 'jvm', () => {
  describe('Kafka that demands a login', () => {
    it.for([
      { protocol: 'SASL_SSL', mechanism: 'scram-sha-256' },
      { protocol: 'SASL_PLAINTEXT', mechanism: 'plain' },
    ])(
      'kafkajs with $protocol and $mechanism is recorded, and replayed without it',
      { timeout: 240_000 },
      async (way) => {
        await using server = await startSecureKafka({ tls: way.protocol === 'SASL_SSL' })
        await using recording = await recordService({
          command: nodeService('kafkajs'),
          env: {
            KAFKA_BROKERS: `localhost:${server.port}`,
            KAFKA_SECURITY_PROTOCOL: way.protocol,
            KAFKA_SASL_MECHANISM: way.mechanism,
            KAFKA_SASL_USERNAME: KAFKA_ACCOUNT.username,
            KAFKA_SASL_PASSWORD: KAFKA_ACCOUNT.password,
            NODE_EXTRA_CA_CERTS: server.ca,
          },
          requests: sendAndSee,
          stop: () => server.stop(),
        })
        expectGreen(await recording.replay(), recording)
        const changed = await recording.replay({ env: { TOPIC: 'returns' } })
        expect(changed.code).toBe(1)
        expect(JSON.stringify(changed.sets)).toContain('returns')
      },
    )
  })
})
