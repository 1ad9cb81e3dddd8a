/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Postgres that need not run, for pg
 * Impact: a suite that runs in seconds, anywhere
 */
import { once } from 'node:events'

import pg from 'pg'
import { expect, test } from 'vitest'

import { serveCalls } from '../harness/serve-calls.ts'
import { postgresProtocol, recordAndReplay } from './record-and-replay.ts'

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => ({ ...(error as object), message: (error as Error).message }),
  )

test('pg: statements, parameters, prepared statements, transactions and errors', async () => {
  const seen = await recordAndReplay(async (access) => {
    const client = new pg.Client(access)
    client.on('error', () => undefined)
    await client.connect()
    const seen: unknown[] = []
    const run = async (query: string | pg.QueryConfig, values?: unknown[]): Promise<void> => {
      const result = (await client.query(query, values)) as unknown as pg.QueryResult | pg.QueryResult[]
      for (const { rows, command, rowCount, fields } of [result].flat()) {
        seen.push({ rows, command, rowCount, fields: fields?.map(({ name, dataTypeID }) => [name, dataTypeID]) })
      }
    }
    await run(
      'create table things (id serial primary key, name text not null unique, at timestamptz, data jsonb, raw bytea)',
    )
    await run('insert into things (name, at, data, raw) values ($1, $2, $3, $4) returning *', [
      'a',
      new Date(0),
      { x: [1, null] },
      Buffer.from([0, 255]),
    ])
    await run('select * from things where id = $1', [1])
    await run({ name: 'by-name', text: 'select * from things where name = $1', values: ['a'] })
    await run({ name: 'by-name', text: 'select * from things where name = $1', values: ['none'] })
    await run('select 1 as one; select 2 as two, null as nothing; update things set name = name')
    await run('')
    seen.push(await failureOf(client.query('select * from nowhere')))
    seen.push(await failureOf(client.query('select * from nowhere where id = $1', [1])))
    seen.push(await failureOf(client.query('select $1::int', ['x'])))
    seen.push(await failureOf(client.query('insert into things (name) values ($1)', ['a'])))
    seen.push(await failureOf(client.query('select 1; select 1/0; select 3')))
    await run('begin')
    seen.push(await failureOf(client.query('select 1/0')))
    seen.push(await failureOf(client.query('select $1::text', ['in a failed transaction'])))
    await run('rollback')
    await run('BEGIN')
    await run('savepoint s')
    seen.push(await failureOf(client.query('select 2/0')))
    await run('rollback to savepoint s')
    await run('insert into things (name) values ($1)', ['b'])
    await run('COMMIT')
    await run('set timezone to $$Asia/Tokyo$$')
    await run('show timezone')
    await run('select count(*), max(name) from things')
    await client.end()
    return seen
  })
  expect(seen.length).toBeGreaterThan(2)
})

test('pg: a pool of another size answers the same', async () => {
  let size = 4
  const seen = await recordAndReplay(async (access) => {
    const pool = new pg.Pool({ ...access, max: size })
    size = 1
    await pool.query('create table counters (id int primary key, n int)')
    await Promise.all([1, 2, 3, 4].map((id) => pool.query('insert into counters values ($1, $2)', [id, id * 10])))
    const rows = await Promise.all(
      [1, 2, 3, 4].map(
        async (id) =>
          (await pool.query({ name: 'one', text: 'select n from counters where id = $1', values: [id] })).rows,
      ),
    )
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('update counters set n = n + 1')
    await client.query('COMMIT')
    client.release()
    rows.push((await pool.query('select sum(n) from counters')).rows)
    await pool.end()
    return rows
  })
  expect(seen.length).toBeGreaterThan(2)
})

test('pg: notifications of its own and notices', async () => {
  const seen = await recordAndReplay(async (access) => {
    const client = new pg.Client(access)
    await client.connect()
    const seen: unknown[] = []
    client.on('notice', (notice) => seen.push([notice.severity, notice.message, notice.code]))
    const told = once(client, 'notification')
    await client.query('listen news')
    await client.query('select pg_notify($1, $2)', ['news', 'hello'])
    seen.push(((await told) as [pg.Notification]).map(({ channel, payload }) => [channel, payload]))
    await client.query(`do $$ begin raise notice 'from a block'; end $$`)
    await client.query('drop table if exists absent')
    await client.end()
    return seen
  })
  expect(seen.length).toBeGreaterThan(2)
})

test('pg: the mock server proves by SCRAM that it knows the password, and only then', async () => {
  const response = { authentication: 'scram-sha-256', parameters: { server_version: '15.0' } }
  const request = { user: 'ann', database: 'shop', parameters: {} }
  const calls = [{ protocol: 'postgres', operation: 'connect', request, response, lifetime: 'connection' }] as const
  await using served = await serveCalls(postgresProtocol, calls, {
    credentials: { username: 'ann', password: 'right' },
  })
  const access = { host: '127.0.0.1', port: served.port, user: 'ann', database: 'shop' }
  const client = new pg.Client({ ...access, password: 'right' })
  await client.connect()
  await client.end()
  const other = new pg.Client({ ...access, password: 'wrong' })
  other.on('error', () => undefined)
  expect(await failureOf(other.connect())).toMatchObject({ message: expect.stringContaining('server signature') })
})
