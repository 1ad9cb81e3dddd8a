/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Postgres behind TLS
 * Impact: a suite that runs in seconds, anywhere
 */
import { describe, expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { recordService } from '../harness/record-and-replay.ts'
import { POSTGRES_ACCOUNT, startSecurePostgres } from '../harness/secure-servers.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { askForOrders, nodeService } from '../node/node-service.ts'

await describeService('postgres', 'local', () => {
  describe('Postgres that demands TLS', () => {
    it.for([
      { name: 'pg', query: () => 'sslmode=require&uselibpqcompat=true', says: 'sslmode=require' },
      {
        name: 'pg',
        query: (ca: string) => `sslmode=verify-full&sslrootcert=${ca}`,
        says: 'sslmode=verify-full and an authority of the user',
      },
      {
        name: 'pg',
        query: () => 'sslmode=require&uselibpqcompat=true',
        says: 'logins that could be bound to the certificate',
        env: { BIND_CHANNEL: '1' },
      },
      { name: 'postgres-js', query: () => 'sslmode=require', says: 'sslmode=require' },
    ])('$name with $says is recorded, and replayed without it', { timeout: 120_000 }, async ({ name, query, env }) => {
      await using server = await startSecurePostgres()
      const { user, password } = POSTGRES_ACCOUNT
      await using recording = await recordService({
        command: nodeService(name),
        env: {
          DATABASE_URL: `postgres://${user}:${password}@127.0.0.1:${server.port}/${user}?${query(server.ca)}`,
          ...env,
        },
        requests: askForOrders,
        stop: () => server.stop(),
      })
      expect(recording.log).toContain('postgres 127.0.0.1')
      expectGreen(await recording.replay(), recording)
      const sql = 'select * from orders order by item desc'
      const changed = await recording.replay({ env: { LIST_SQL: sql } })
      expect(changed.code).toBe(1)
      expect(JSON.stringify(changed.sets)).toContain(sql)
    })
  })
})
