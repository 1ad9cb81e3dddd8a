/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Postgres that need not run, for psql
 * Impact: a suite that runs in seconds, anywhere
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { recordAndReplay } from './record-and-replay.ts'

const run = promisify(execFile)

test('psql: descriptions of tables, COPY in and out, transactions and errors', async () => {
  const seen = await recordAndReplay(async ({ host, port, user, password, database }) => {
    const script = String.raw`
create table people (id int primary key, name text not null);
\d people
copy people from stdin;
1	Ann
2	\N
\.
copy people from stdin;
1	Ann
2	Bob
\.
select * from people order by id;
copy people to stdout;
\copy people to stdout csv header
begin;
select 1/0;
select 2;
rollback;
create table if not exists people (id int);
\set FETCH_COUNT 2
select n from generate_series(1, 5) n;
listen news;
notify news, 'hello';
\d
`
    const env = {
      ...process.env,
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: 'disable',
    }
    const child = run('psql', ['-X', '-f', '-'], { env })
    child.child.stdin?.end(script)
    const { stdout, stderr } = await child
    return [stdout.replaceAll(/PID \d+/g, 'PID'), stderr]
  })
  expect(seen[0]).toContain('Ann')
  expect(seen[1]).toContain('division by zero')
})
