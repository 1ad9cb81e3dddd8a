/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a MongoDB behind TLS
 * Impact: a suite that runs in seconds, anywhere
 */
import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { startSecureMongodb } from '../harness/secure-servers.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { askForDocuments, nodeService } from '../node/node-service.ts'

await describeService('mongodb', 'embedded', () => {
  describe('FerretDB that listens with TLS alone', () => {
    it(
      'mongodb with tls=true and an authority of the user is recorded, and replayed without it',
      { timeout: 120_000 },
      async () => {
        await using server = await startSecureMongodb()
        await using recording = await recordService({
          command: nodeService('mongodb'),
          env: { MONGODB_URL: `mongodb://127.0.0.1:${server.port}/shop?tls=true&tlsCAFile=${server.ca}` },
          requests: askForDocuments,
          stop: () => server.stop(),
        })
        expectGreen(await recording.replay(), recording)
        const changed = await recording.replay({ env: { LIST_COLLECTION: 'archive' } })
        expect(changed.code).toBe(1)
        expect(JSON.stringify(changed.sets)).toContain('archive')
      },
    )
  })
})
