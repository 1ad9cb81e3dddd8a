import { isDeepStrictEqual } from 'node:util'

import { describe, expect, it } from 'vitest'

import type { CallEvent, ReadCall } from '../protocol/protocol.ts'
import { ByteCursor } from './byte-cursor.ts'
import { decodeBinaryCell, decodeTextCell, encodeBinaryCell, encodeTextCell } from './cells.ts'
import { columnType } from './column-types.ts'
import { statementLifetime, statementWord } from './lifetimes.ts'
import { describeRequest } from './match-rules.ts'
import { mysqlProtocol } from './mysql-protocol.ts'
import { framePacket } from './packets.ts'
import { sampleConversation, sampleGreeting, sampleLogin, type Turn } from './sample-conversation.ts'

const DEPRECATE_EOF = 1n << 24n
const PLAIN = 0x008ba28dn

function read(turns: readonly Turn[], limit?: number): { calls: ReadCall[]; gaps: string[]; opened: number[] } {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  const opened: number[] = []
  let ids = 0
  const take = (event: CallEvent): void => {
    if (event.type === 'call') calls.push(event.call)
    else if (event.type === 'open') opened.push(event.id)
    else if (event.type === 'gap') gaps.push(event.reason)
  }
  const reader = mysqlProtocol.createReader(
    { connection: 1, nextId: () => ++ids, ...(limit !== undefined && { messageLimit: limit }) },
    take,
  )
  for (const { from, bytes } of turns) reader.push(from, bytes, 5)
  reader.stop(6)
  return { calls, gaps, opened }
}

function serve(calls: readonly ReadCall[], turns: readonly Turn[]): Buffer {
  const sent: Buffer[] = []
  const used = new Set<ReadCall>()
  const server = mysqlProtocol.createMockServer({
    answer({ operation, request }) {
      const key = mysqlProtocol.match.key(request)
      const found = calls.find(
        (call) =>
          !used.has(call) &&
          call.operation === operation &&
          isDeepStrictEqual(mysqlProtocol.match.key(call.request), key),
      )
      if (found === undefined) return { type: 'miss', message: `nothing answers ${mysqlProtocol.describe(request)}` }
      used.add(found)
      return { type: 'answer', ...(found.response !== undefined && { response: found.response }) }
    },
    send: (bytes) => sent.push(Buffer.from(bytes)),
    close: () => {},
    schedule: () => () => {},
    startTls: () => {},
    address: { host: '127.0.0.1', port: 1 },
    recorded: (operation) => calls.filter((call) => call.operation === operation),
  })
  for (const { from, bytes } of turns) if (from === 'client') server.push(bytes)
  return Buffer.concat(sent)
}

describe('the reader of MySQL', () => {
  it.each([
    ['EOF packets', PLAIN],
    ['OK packets at the end of rows', PLAIN | DEPRECATE_EOF],
  ])('reads statements and what they gave, with %s', (_name, capabilities) => {
    const { calls, gaps, opened } = read(sampleConversation(capabilities))
    expect(gaps).toEqual([])
    expect(opened).toEqual(calls.map(({ id }) => id))
    expect(calls.map(({ operation, lifetime }) => `${operation} ${lifetime}`)).toEqual([
      'connect connection',
      'SELECT test',
      'UPDATE test',
      'prepare session',
      'SELECT test',
      'SELECT test',
      'ping session',
    ])
    expect(calls[1]).toMatchObject({
      request: { sql: 'SELECT id, name FROM users' },
      response: {
        rows: [
          [1, 'Ada'],
          [2, null],
        ],
      },
    })
    expect(calls[2]?.response).toMatchObject([{ ok: { affectedRows: 2, info: 'Rows matched: 2' } }, { rows: [] }])
    expect(calls[4]?.request).toEqual({ sql: 'SELECT id, name FROM users WHERE id = ?', params: [7], types: ['long'] })
    expect(calls[5]?.response).toEqual({
      error: { code: 1146, sqlState: '42S02', message: "Table 'shop.nowhere' doesn't exist" },
    })
  })

  it('keeps passwords out of calls', () => {
    expect(JSON.stringify(read(sampleConversation()).calls)).not.toContain('secret')
  })

  it('reads the same, wherever the bytes were cut', () => {
    const turns = sampleConversation()
    const whole = read(turns).calls
    for (const [index, turn] of turns.entries()) {
      for (let cut = 1; cut < turn.bytes.length; cut++) {
        const parts = [turn.bytes.subarray(0, cut), turn.bytes.subarray(cut)].map((bytes) => ({
          from: turn.from,
          bytes,
        }))
        expect(read(turns.toSpliced(index, 1, ...parts)).calls).toEqual(whole)
      }
    }
  }, 60_000)

  it('tells what was open, wherever a recording stops', () => {
    const turns = sampleConversation()
    for (const [index, turn] of turns.entries()) {
      for (let cut = 0; cut < turn.bytes.length; cut++) {
        const { calls, gaps, opened } = read([
          ...turns.slice(0, index),
          { from: turn.from, bytes: turn.bytes.subarray(0, cut) },
        ])
        expect(gaps).toEqual([])
        expect(calls.map(({ id }) => id)).toEqual(opened)
        expect(calls.slice(0, -1).every(({ state }) => state === 'complete')).toBe(true)
      }
    }
  }, 60_000)

  it('makes one gap of TLS that nobody ended, and of messages beyond the limit', () => {
    const [greeting] = sampleConversation() as [Turn, ...Turn[]]
    const request = Buffer.from(sampleLogin().subarray(0, 32))
    request.writeUInt32LE((request.readUInt32LE(0) | 0x800) >>> 0, 0)
    const hello = { from: 'client', bytes: Buffer.from([0x16, 3, 1, 2, 0, 1]) } as const
    expect(read([greeting, { from: 'client', bytes: framePacket(request, 1) }, hello, hello]).gaps).toHaveLength(1)
    expect(read(sampleConversation(), 50).gaps).toEqual(['a message is longer than 50 bytes'])
  })

  it('knows a greeting by its first bytes', () => {
    const [greeting] = sampleConversation() as [Turn, ...Turn[]]
    expect(mysqlProtocol.detect(greeting.bytes)).toBe('yes')
    expect(mysqlProtocol.detect(greeting.bytes.subarray(0, 3))).toBe('more')
    expect(mysqlProtocol.detect(Buffer.from('HTTP/1.1 200 OK'))).toBe('no')
    expect(sampleGreeting.version).toBe('8.0.36')
  })
})

describe('the mock server of MySQL', () => {
  it('sends the same packets, except for the salt, the number of the connection and offers that it does not make', () => {
    for (const capabilities of [PLAIN, PLAIN | DEPRECATE_EOF]) {
      const turns = sampleConversation(capabilities)
      const real = Buffer.concat(turns.filter(({ from }) => from === 'server').map(({ bytes }) => bytes))
      const start = (turns[0] as Turn).bytes.length
      expect(serve(read(turns).calls, turns).subarray(start).toString('hex')).toBe(real.subarray(start).toString('hex'))
    }
  })

  it('answers clients with other capabilities than the recorded one had', () => {
    const recorded = read(sampleConversation(PLAIN)).calls
    const live = sampleConversation(PLAIN | DEPRECATE_EOF)
    const sent = serve(recorded, live)
    const start = (live[0] as Turn).bytes.length
    const wanted = Buffer.concat(live.filter(({ from }) => from === 'server').map(({ bytes }) => bytes))
    expect(sent.subarray(start).toString('hex')).toBe(wanted.subarray(start).toString('hex'))
  })

  it('answers what is not recorded with error 1105, and goes on', () => {
    const turns = sampleConversation()
    const other: Turn = { from: 'client', bytes: framePacket(Buffer.from('\u0003SELECT 2'), 0) }
    const sent = serve(read(turns).calls, [...turns.slice(0, 3), other, ...turns.slice(3)])
    expect(sent.toString('latin1')).toContain('#HY000nothing answers SELECT 2')
    expect(sent.toString('latin1')).toContain('Rows matched: 2')
  })
})

describe('values of MySQL', () => {
  const shape = (
    type: number,
    more: object = {},
  ): { type: number; flags: number; decimals: number; length: number } => ({
    type,
    flags: 0,
    decimals: 0,
    length: 12,
    ...more,
  })

  it.each([
    ['0007', columnType.long, '0007'],
    ['-12', columnType.long, -12],
    ['9007199254740993', columnType.longlong, '9007199254740993'],
    ['1.10', columnType.newdecimal, '1.10'],
    ['0.1', columnType.double, 0.1],
    ['1e20', columnType.double, '1e20'],
    ['2024-01-02', columnType.date, '2024-01-02'],
  ])('reads %s in text form', (text, type, value) => {
    expect(decodeTextCell(Buffer.from(text), shape(type))).toEqual(value)
    expect(encodeTextCell(value, shape(type)).subarray(1).toString()).toBe(text)
  })

  it.each([
    ['ffffffffffffffff', columnType.longlong, { flags: 32 }, '18446744073709551615'],
    ['ffffffffffffffff', columnType.longlong, {}, -1],
    ['cdcc8c3f', columnType.float, {}, 1.1],
    ['0000000000000080', columnType.double, {}, '-0'],
    ['00', columnType.datetime, {}, '0000-00-00 00:00:00'],
    ['04e807021d', columnType.datetime, {}, '2024-02-29 00:00:00'],
    ['0be807021d0c2238150a0c00', columnType.datetime, { decimals: 6 }, '2024-02-29 12:34:56.789013'],
    ['0801210000000801 02'.replace(' ', ''), columnType.time, {}, '-800:01:02'],
    ['020aaa', columnType.bit, {}, 2730],
  ])('reads %s in binary form', (hex, type, more, value) => {
    const bytes = Buffer.from(hex, 'hex')
    const read = decodeBinaryCell(
      new ByteCursor(bytes),
      shape(type, more),
      (more as { decimals?: number }).decimals ?? 0,
    )
    expect(read).toEqual(value)
    expect(encodeBinaryCell(read, shape(type, more)).toString('hex')).toBe(bytes.toString('hex'))
  })

  it('keeps as bytes what it would not write the same again', () => {
    const long = Buffer.from('0be807021d00000000000000', 'hex')
    const value = decodeBinaryCell(new ByteCursor(long), shape(columnType.datetime))
    expect(value).toEqual(new Uint8Array(long))
    expect(encodeBinaryCell(value, shape(columnType.datetime))).toEqual(long)
  })
})

describe('statements', () => {
  it.each([
    ['SET NAMES utf8mb4', 'connection'],
    ['set @@session.sql_mode = 1', 'connection'],
    ['/* driver */ SELECT @@version', 'session'],
    ['SELECT @@identity', 'test'],
    ['set @name = 1', 'test'],
    ['SET GLOBAL x = 1', 'test'],
    ['show variables like "x"', 'session'],
    ['select 1', 'test'],
  ])('%s counts for a %s', (sql, lifetime) => {
    expect(statementLifetime(sql)).toBe(lifetime)
  })

  it('are named by their first word and told in one line', () => {
    expect(statementWord('-- why\n (select 1)')).toBe('SELECT')
    expect(describeRequest({ sql: 'select\n  ?', params: ['x', 1] })).toBe("select ? ['x', 1]")
    expect(describeRequest({ sql: 'x'.repeat(500) })).toHaveLength(200)
  })
})
