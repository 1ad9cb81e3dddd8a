/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service with Prisma, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import path from 'node:path'

import { postgres, startFixtures } from '@keploy-framework/fixtures'
import { describe } from 'vitest'

import { describeService } from '../../../../packages/fixtures/test/require-service.ts'
import { prepared } from '../../harness/language-tests.ts'
import type { RecordedService } from '../../harness/record-and-replay.ts'
import { serviceTests } from '../../harness/service-tests.ts'
import { askForOrders } from '../node-service.ts'

/** Type stripping, which reads the generated client, is on from 22.18. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const old =
  major > 22 || (major === 22 && minor >= 18) ? undefined : `Node ${process.versions.node} reads no TypeScript`
const prisma = old === undefined ? prepared(path.join(import.meta.dirname, 'prepare.sh')) : { path: '', missing: old }
const skipped = prisma.missing !== undefined && process.env['KEPLOY_REQUIRE_SERVICES'] !== 'all'

async function start(): Promise<RecordedService> {
  if (prisma.missing !== undefined) throw new Error(prisma.missing)
  const fixtures = startFixtures({ db: postgres({ providers: ['local'] }) })
  const { url } = await fixtures.acquire('db')
  return {
    command: [process.execPath, '--no-warnings', path.join(import.meta.dirname, 'prisma-service.mjs')],
    env: { DATABASE_URL: url, PRISMA_FOLDER: prisma.path },
    requests: askForOrders,
    stop: () => fixtures.close(),
  }
}

await describeService('postgres', 'local', () => {
  const title = skipped ? `Prisma on pg, skipped: ${prisma.missing}` : 'Prisma on pg'
  // oxlint-disable-next-line vitest/valid-title -- it says why
  describe.skipIf(skipped)(title, () => {
    serviceTests({ start, change: { env: () => ({ LIST_BY: 'at' }), names: '"at" ASC' } })
  })
})
