/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a MariaDB behind TLS
 * Impact: a suite that runs in seconds, anywhere
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { startSecureMysql } from '../harness/secure-servers.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { askForOrders, nodeService } from '../node/node-service.ts'

await describeService('mysql', 'local', () => {
  describe('MariaDB that offers TLS', () => {
    it(
      'mysql2 with ssl, which checks the certificate, is recorded, and replayed without it',
      { timeout: 120_000 },
      async () => {
        await using server = await startSecureMysql()
        const url = new URL(server.url)
        url.searchParams.set('ssl', JSON.stringify({ rejectUnauthorized: true }))
        await using recording = await recordService({
          command: nodeService('mysql2'),
          env: { MYSQL_URL: url.href, NODE_EXTRA_CA_CERTS: server.ca },
          requests: askForOrders,
          stop: () => server.stop(),
        })
        const mocks = await readFile(path.join(recording.folder, 'keploy/test-set-0/mocks.yaml'), 'utf8')
        expect(mocks).toMatch(/ssl_request|SSLRequest|tls: true/i)
        expectGreen(await recording.replay(), recording)
        const sql = 'select * from orders order by item desc'
        const changed = await recording.replay({ env: { LIST_SQL: sql } })
        expect(changed.code).toBe(1)
        expect(JSON.stringify(changed.sets)).toContain(sql)
      },
    )
  })
})
