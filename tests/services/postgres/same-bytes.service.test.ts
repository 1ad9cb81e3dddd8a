/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: the bytes that a Postgres would send
 * Impact: a suite that runs in seconds, anywhere
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'

import { expect, test } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'
import { postgresProtocol, withDatabase, type Access } from './record-and-replay.ts'

const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255])
const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value)])
const text = (value: string): Buffer => Buffer.from(`${value}\0`)
function message(letter: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body])
}
const query = (sql: string): Buffer => message('Q', text(sql))
const parse = (name: string, sql: string, ...oids: number[]): Buffer =>
  message('P', text(name), text(sql), int16(oids.length), ...oids.map((oid) => int32(oid)))
function bind(portal: string, statement: string, values: readonly (string | null)[], binary = false): Buffer {
  const sized = values.map((value) =>
    value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]),
  )
  return message(
    'B',
    text(portal),
    text(statement),
    int16(0),
    int16(values.length),
    ...sized,
    int16(1),
    int16(binary ? 1 : 0),
  )
}
const describe = (what: string): Buffer => message('D', text(what))
const execute = (portal = '', max = 0): Buffer => message('E', text(portal), int32(max))
const close = (what: string): Buffer => message('C', text(what))
const sync = message('S')

/** Each step waits for ReadyForQuery, or for the letter that it names. */
const script: readonly (readonly [bytes: Buffer, until?: string])[] = [
  [query('create table t (id int primary key, name text, n numeric, at timestamptz, tags text[])')],
  [
    query(
      `insert into t values (1, 'a', 1.50, '2024-01-02 03:04:05.06+00', '{x,"y z",NULL}'), (2, null, 'NaN', null, '{}')`,
    ),
  ],
  [query('select * from t; select 1 where false; update t set name = name; select')],
  [query('')],
  [query('-- nothing')],
  [query('select 1; select 1/0; select 2')],
  [query('drop table if exists absent')],
  [query(`select id, (select 'x') from t; do $$ begin raise notice 'n1'; raise warning 'n2'; end $$`)],
  [query('set timezone = $$UTC$$')],
  [Buffer.concat([parse('', 'select * from t where id = $1'), bind('', '', ['1']), describe('P'), execute(), sync])],
  [Buffer.concat([parse('s1', 'select * from t where id = $1'), describe('Ss1'), sync])],
  [
    Buffer.concat([
      bind('', 's1', ['1'], true),
      execute(),
      bind('', 's1', ['2'], true),
      describe('P'),
      execute(),
      sync,
    ]),
  ],
  [
    Buffer.concat([
      parse('', 'insert into t (id) values ($1)', 23),
      bind('', '', ['1']),
      describe('P'),
      execute(),
      sync,
    ]),
  ],
  [Buffer.concat([parse('', 'select * from absent'), bind('', '', []), describe('P'), execute(), sync])],
  [Buffer.concat([parse('', 'select $1::int'), bind('', '', ['x']), describe('P'), execute(), sync])],
  [Buffer.concat([parse('', 'select nope'), describe('S'), message('H')]), 'E'],
  [sync],
  [Buffer.concat([parse('', 'selekt'), sync])],
  [query('begin')],
  [
    Buffer.concat([
      parse('', 'select n from generate_series(1, 5) n'),
      bind('p', '', []),
      describe('Pp'),
      execute('p', 2),
      message('H'),
    ]),
    's',
  ],
  [Buffer.concat([execute('p', 2), execute('p', 2), close('Pp'), sync])],
  [
    Buffer.concat([
      parse('', 'select n from generate_series(1, 4) n'),
      bind('p', '', []),
      execute('p', 4),
      execute('p', 4),
      sync,
    ]),
  ],
  [query('savepoint s')],
  [query('select 1/0')],
  [query('select 1')],
  [Buffer.concat([parse('', 'select 1'), bind('', '', []), execute(), sync])],
  [query('rollback to s')],
  [query('commit')],
  [query('copy t (id, name) from stdin'), 'G'],
  [Buffer.concat([message('d', Buffer.from('3\tx\n4\t')), message('d', Buffer.from('y\n')), message('c')])],
  [query('copy t (id) from stdin'), 'G'],
  [message('f', text('no more'))],
  [query('copy (select id, name from t order by id) to stdout')],
  [query('copy (select id from t order by id) to stdout (format binary)')],
  [query('listen news; select pg_notify($$news$$, $$hello$$)')],
  [Buffer.concat([close('Ss1'), close('Snone'), sync])],
  [
    Buffer.concat([
      parse('', 'create table d (id int primary key, o int references d deferrable initially deferred)'),
      bind('', '', []),
      execute(),
      sync,
    ]),
  ],
  [Buffer.concat([parse('', 'insert into d values (1, 9)'), bind('', '', []), execute(), sync])],
  [Buffer.concat([bind('', 'none', []), execute(), sync])],
]

const md5 = (value: string): string => createHash('md5').update(value).digest('hex')

/** Plays the script; gives all that the server sent, message by message, without process ids and keys. */
async function play({ host, port, user, password, database }: Access): Promise<string[]> {
  const socket = net.connect({ host, port })
  await once(socket, 'connect')
  let received = Buffer.alloc(0)
  const messages: string[] = []
  let last = ''
  let wake = (): void => undefined
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 5 && received.length > received.readInt32BE(1)) {
      const whole = received.subarray(0, received.readInt32BE(1) + 1)
      received = received.subarray(whole.length)
      last = String.fromCharCode(whole[0] as number)
      if (last === 'R' && whole[8] === 5) {
        const salted = createHash('md5')
          .update(md5(password + user))
          .update(whole.subarray(9))
          .digest('hex')
        socket.write(message('p', text(`md5${salted}`)))
        messages.push('R md5')
      } else if (last === 'K') messages.push('K')
      else if (last === 'A') messages.push(`A${whole.toString('latin1', 9)}`)
      else messages.push(whole.toString('latin1'))
    }
    wake()
  })
  const until = async (letter: string): Promise<void> => {
    while (last !== letter) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${letter} after ${JSON.stringify(messages.at(-1))}`)), 5000)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    last = ''
  }
  const parameters = Buffer.concat(['user', user, 'database', database].map((part) => text(part)))
  const startup = Buffer.concat([int32(3 << 16), parameters, Buffer.alloc(1)])
  socket.write(Buffer.concat([int32(startup.length + 4), startup]))
  await until('Z')
  for (const [bytes, letter = 'Z'] of script) {
    socket.write(bytes)
    await until(letter)
  }
  socket.destroy()
  return messages
}

test('what the recording answers is, byte for byte, what the server answered', async () => {
  const { calls, recorded, access } = await withDatabase(async (access) => {
    await using recording = await recordThrough(postgresProtocol, access)
    const recorded = await play({ ...access, host: '127.0.0.1', port: recording.port })
    expect(recording.gaps).toEqual([])
    return { calls: recording.calls, recorded, access }
  })
  await using served = await serveCalls(postgresProtocol, calls)
  const replayed = await play({ ...access, host: '127.0.0.1', port: served.port })
  expect(replayed).toEqual(recorded)
  expect(served.misses).toEqual([])
  expect(recorded.length).toBeGreaterThan(150)
})
