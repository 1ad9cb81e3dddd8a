import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { PoolConnection } from 'mysql2'
import mysql, { type ConnectionOptions, type PoolConnection as PromisePoolConnection } from 'mysql2/promise'

const run = promisify(execFile)

/** How to log in; the port is that of a relay or of a mock server. */
export interface Account {
  readonly user: string
  readonly password: string
  readonly database: string
}

export function connectionOptions(account: Account, port: number): ConnectionOptions {
  const { user, password, database } = account
  return { host: '127.0.0.1', port, user, password, database, multipleStatements: true, supportBigNumbers: true }
}

/** The message of what a driver refuses. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'no error'
  } catch (error) {
    const { message, errno, sqlState } = error as Error & { errno?: number; sqlState?: string }
    return { message, errno, sqlState }
  }
}

const table = `create table kinds (
  id int unsigned auto_increment primary key, tiny tinyint, small smallint, medium mediumint, big bigint, bigu bigint unsigned,
  price decimal(30,10), f float, d double, bits bit(12), flag bit(1), y year, day date, at datetime(6), at0 datetime, ts timestamp(3) null,
  t time(2), name varchar(100), body text, raw blob, doc json, pick enum('a','b'), many set('x','y','z'), pad int(6) zerofill, fixed binary(4))`

const insert = `insert into kinds values (default, -5, -300, 70000, 9007199254740993, 18446744073709551615,
  123456789.0123456789, 1.1, 2.5e-7, b'101010101010', 1, 2024, '2024-02-29', '2024-02-29 12:34:56.789012', '2024-02-29 00:00:00', '2024-02-29 12:34:56.5',
  '-800:01:02.50', 'Zoë ✓', 'long text', x'00ff10', '{"a": [1, 2]}', 'b', 'x,z', 42, x'01020000')`

/** What a service does with queries and prepared statements, over a pool. */
export async function driverWork(account: Account, port: number): Promise<unknown[]> {
  const seen: unknown[] = []
  const pool = mysql.createPool({ ...connectionOptions(account, port), connectionLimit: 2 })
  try {
    await pool.query('drop table if exists kinds')
    await pool.query('set names utf8mb4')
    await pool.query(table)
    seen.push((await pool.query(insert))[0])
    seen.push((await pool.query('insert into kinds (name, t) values (?, ?)', [null, '00:00:00']))[0])
    seen.push((await pool.query('select * from kinds order by id'))[0])
    seen.push((await pool.execute('select * from kinds order by id'))[0])
    seen.push((await pool.execute('select id, name from kinds where id = ? and name = ?', [1, 'Zoë ✓']))[0])
    seen.push((await pool.execute('select ? as a, ? as b, ? as c, ? as d', [null, 'x', 1.5, new Date(0)]))[0])
    seen.push((await pool.execute('update kinds set small = ? where id = ?', [7, 1]))[0])
    seen.push((await pool.execute('insert into kinds (raw) values (?)', [Buffer.from([1, 0, 255])]))[0])
    seen.push(
      (
        await pool.query('select 1 as one; select 2 as two; update kinds set small = 8 where id = 2; select 3 as three')
      )[0],
    )
    seen.push(await failure(pool.query('select * from nowhere')))
    seen.push(await failure(pool.execute('select * from nowhere')))
    seen.push(await failure(pool.query('select 1; select nothing')))
    seen.push((await pool.query('select name from kinds where id > 1000'))[0])
    seen.push((await pool.query("select repeat('x', 70000) as wide"))[0])
    const connection = await pool.getConnection()
    await connection.beginTransaction()
    await connection.execute('update kinds set small = ? where id = ?', [9, 1])
    seen.push((await connection.query('select small from kinds where id = 1'))[0])
    await connection.rollback()
    seen.push((await connection.query('select small from kinds where id = 1'))[0])
    await connection.ping()
    seen.push(await streamed(connection))
    connection.release()
    seen.push((await pool.query({ sql: 'select id, name from kinds', rowsAsArray: true }))[0])
  } finally {
    await pool.end()
  }
  return seen
}

async function streamed(connection: PromisePoolConnection): Promise<unknown[]> {
  const plain = connection.connection as unknown as PoolConnection
  const rows: unknown[] = []
  for await (const row of plain.query('select id from kinds order by id').stream()) rows.push(row)
  return rows
}

/** The command line program of MariaDB, which ends rows with OK packets and reads extended metadata. */
export async function commandLine(account: Account, port: number, sql: string): Promise<string> {
  const args = [
    '--no-defaults',
    '-h127.0.0.1',
    `-P${port}`,
    `-u${account.user}`,
    '--column-type-info',
    '-vvv',
    '--force',
    account.database,
  ]
  const { stdout, stderr } = await run('mariadb', [...args, '-e', sql], {
    env: { ...process.env, MYSQL_PWD: account.password },
  }).catch((error: unknown) => error as { stdout: string; stderr: string })
  return `${stdout}${stderr}`.replaceAll(/\(\d+\.\d+ sec\)/g, '')
}
