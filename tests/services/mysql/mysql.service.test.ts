/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a MySQL that need not run
 * Impact: a suite that runs in seconds, anywhere
 */
import { mysql as fixture, startFixtures } from '@keploy-framework/fixtures'
import { mysqlProtocol } from '@keploy-framework/wire'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'
import { commandLine, connectionOptions, driverWork, failure, type Account } from './mysql-work.ts'

/** Records work against the real server, and does it again with recorded answers alone. */
async function recordAndReplay(
  account: Account,
  port: number,
  work: (port: number) => Promise<unknown>,
): Promise<{
  recorded: unknown
  replayed: unknown
  misses: readonly string[]
  unused: string[]
  calls: readonly string[]
}> {
  await using recording = await recordThrough(mysqlProtocol, { port })
  const recorded = await work(recording.port)
  expect(recording.gaps).toEqual([])
  expect(JSON.stringify(recording.calls)).not.toContain(account.password)
  const calls = [...recording.calls]
  await recording[Symbol.asyncDispose]()
  await using mocked = await serveCalls(mysqlProtocol, calls)
  const replayed = await work(mocked.port)
  return {
    recorded,
    replayed,
    misses: mocked.misses,
    unused: mocked.unused().map(({ request }) => mysqlProtocol.describe(request)),
    calls: calls.map(({ operation }) => operation),
  }
}

describe('MySQL and MariaDB', () => {
  const fixtures = startFixtures({ db: fixture() })
  let account: Account
  let port = 0
  let release: () => Promise<void>

  beforeAll(async () => {
    const lease = await fixtures.acquire('db')
    release = () => lease.release()
    account = { user: lease.user, password: lease.password, database: lease.database }
    port = lease.port
  })

  afterAll(async () => {
    await release()
    await fixtures[Symbol.asyncDispose]()
  })

  it('answers mysql2 with queries, prepared statements, transactions, errors and streams as recorded', async () => {
    const { recorded, replayed, misses, unused, calls } = await recordAndReplay(account, port, (at) =>
      driverWork(account, at),
    )
    expect(replayed).toEqual(recorded)
    expect(misses).toEqual([])
    expect(unused).toEqual([])
    expect(calls).toContain('connect')
    expect(calls).toContain('prepare')
  })

  it('answers the mariadb program, which ends rows with OK packets', async () => {
    const sql = `select 1 as one, null as nothing, 'x' as text; drop table if exists cli; create table if not exists cli (doc json, u inet6);
      insert into cli values ('{}', '::1'); select * from cli; use ${account.database}; show warnings; start transaction; select 2; commit; select * from nowhere`
    const { recorded, replayed, misses } = await recordAndReplay(account, port, (at) => commandLine(account, at, sql))
    expect(recorded).toContain('nowhere')
    expect(recorded).toContain('::1')
    expect(replayed).toEqual(recorded)
    expect(misses).toEqual([])
  })

  it('answers what was not recorded with an error, and the connection goes on', async () => {
    await using recording = await recordThrough(mysqlProtocol, { port })
    const first = await mysql.createConnection(connectionOptions(account, recording.port))
    await first.query('select 1 as one')
    await first.end()
    await using mocked = await serveCalls(mysqlProtocol, recording.calls)
    const second = await mysql.createConnection(connectionOptions(account, mocked.port))
    expect(await failure(second.query('select 2 as two'))).toEqual({
      message: 'nothing recorded answers select 2 as two',
      errno: 1105,
      sqlState: 'HY000',
    })
    expect((await second.query('select 1 as one'))[0]).toEqual([{ one: 1 }])
    await second.ping()
    await second.end()
    expect(mocked.misses).toEqual(['select 2 as two'])
  })

  it('reads a connection that zlib compresses, and answers it without', async () => {
    const { recorded, replayed, misses } = await recordAndReplay(account, port, async (at) => {
      const connection = await mysql.createConnection({ ...connectionOptions(account, at), compress: true })
      const rows = (await connection.query("select repeat('x', 70000) as wide"))[0]
      await connection.end()
      return rows
    })
    expect(recorded).toEqual([{ wide: 'x'.repeat(70_000) }])
    expect(replayed).toEqual(recorded)
    expect(misses).toEqual([])
  })

  it('records that a login was refused', async () => {
    const wrong = { ...account, password: 'wrong' }
    const work = (at: number): Promise<unknown> => failure(mysql.createConnection(connectionOptions(wrong, at)))
    const { recorded, replayed } = await recordAndReplay(wrong, port, work)
    expect(recorded).toMatchObject({ errno: 1045 })
    expect(replayed).toEqual(recorded)
  })
})
