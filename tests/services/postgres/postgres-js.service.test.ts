/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Postgres that need not run, for postgres.js
 * Impact: a suite that runs in seconds, anywhere
 */
import postgres from 'postgres'
import { expect, test } from 'vitest'

import { recordAndReplay } from './record-and-replay.ts'

test('postgres.js: pipelining, prepared statements, arrays, json, cursors, COPY and transactions', async () => {
  const seen = await recordAndReplay(async (access) => {
    const sql = postgres({ ...access, max: 2, onnotice: () => undefined })
    const seen: unknown[] = []
    await sql`create table items (id serial primary key, tags text[], counts int[], data jsonb, at timestamptz)`
    seen.push(
      await sql`insert into items ${sql([
        { tags: ['a', 'b "c"'], counts: [1, 2], data: sql.json({ deep: [1] }), at: new Date(0) },
        { tags: [], counts: [3], data: sql.json(null), at: new Date(1) },
      ])} returning *`,
    )
    seen.push(
      await Promise.all([1, 2, 3, 4, 5, 6].map((id) => sql`select id, tags, counts from items where id = ${id}`)),
    )
    seen.push(await sql`select * from items where id = any(${[1, 2]})`)
    seen.push(
      await sql.begin(async (inner) => {
        await inner`update items set counts = array[9] where id = ${1}`
        return await inner`select counts from items where id = ${1}`
      }),
    )
    seen.push(await sql.begin((inner) => inner`select 1/0`).catch((error: Error) => error.message))
    seen.push(await sql`select * from absent where id = ${1}`.catch((error: Error) => error.message))
    seen.push(await sql`insert into items (id) values (${1})`.catch((error: Error) => error.message))
    for await (const rows of sql`select n from generate_series(1, 25) as n`.cursor(10))
      seen.push(rows.map((row) => row['n']))
    const out: string[] = []
    for await (const chunk of await sql`copy (select id, tags from items order by id) to stdout`.readable())
      out.push(String(chunk))
    seen.push(out.join(''))
    seen.push(await sql.unsafe('select 1 as a; select 2 as b'))
    await sql.end()
    return JSON.parse(JSON.stringify(seen)) as unknown[]
  })
  expect(seen).toHaveLength(12)
})
