/**
 * Segment: teams with services in Node
 * Goal: calls are seen without a change of code
 * Value: clusters, children and threads
 * Impact: attribution without guesses, also of many requests at once
 */
import path from 'node:path'

import { redis, startFixtures } from '@keploy-framework/fixtures'
import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { expectGreen } from '../harness/service-tests.ts'

const CLIENTS = 16

await describeService('redis', 'local', () => {
  describe('a hooked service of several processes', () => {
    it(
      'is recorded in all workers of a cluster, in children and in threads, and replayed',
      { timeout: 180_000 },
      async () => {
        const fixtures = startFixtures({ cache: redis({ providers: ['local'] }) })
        const { url } = await fixtures.acquire('cache')
        await using recording = await recordService({
          command: [process.execPath, '--no-warnings', path.join(import.meta.dirname, 'processes-service.mjs')],
          env: { REDIS_URL: url },
          options: ['--hook'],
          stop: () => fixtures.close(),
          async requests(send) {
            const client = async (number: number): Promise<void> => {
              expect((await send('POST', '/notes', { text: `note-${number}` })).body).toMatchObject({
                count: expect.any(Number),
              })
            }
            await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
            expect((await send('GET', '/child/note-1')).body).toEqual({ note: 'note-1 by us' })
            expect((await send('GET', '/thread/note-2')).body).toEqual({ note: 'note-2 by us' })
          },
        })
        expect(recording.tests).toBe(CLIENTS + 2)
        expect(recording.calls, recording.log).toMatchObject({ ambiguous: 0, leftOut: 0 })
        expect(recording.calls.known, recording.log).toBeGreaterThanOrEqual(2 * CLIENTS)
        expectGreen(await recording.replay(), recording)
        const changed = await recording.replay({ env: { AUTHOR: 'them' } })
        expect(changed.code, changed.log).toBe(1)
        expect(changed.summary.failed).toBe(CLIENTS)
        expect(JSON.stringify(changed.sets)).toContain('by them')
      },
    )
  })
})
