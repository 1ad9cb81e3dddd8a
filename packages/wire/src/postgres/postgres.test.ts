import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import type { CallEvent, ReadCall } from '../protocol/protocol.ts'
import { cstring, int16, int32, message, sized } from './bytes.ts'
import { readCell, toBinary, writeCell } from './cells.ts'
import { postgresProtocol } from './postgres-protocol.ts'
import { lifetimeOf, statusAfter, verbOf } from './sql.ts'

// Many runs on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

const startup = (...pairs: string[]): Buffer => {
  const body = Buffer.concat([int32(3 << 16), ...pairs.map((part) => cstring(part)), Buffer.alloc(1)])
  return Buffer.concat([int32(body.length + 4), body])
}
const column = Buffer.concat([cstring('n'), int32(0), int16(0), int32(23), int16(4), int32(-1), int16(1)])
const ready = message('Z', Buffer.from('I'))
const conversation: readonly (readonly ['client' | 'server', Buffer])[] = [
  ['client', Buffer.concat([int32(8), int32(80_877_103)])],
  ['server', Buffer.from('N')],
  ['client', startup('user', 'ann', 'database', 'shop', 'application_name', 'test')],
  ['server', Buffer.concat([message('R', int32(5), Buffer.from('salt'))])],
  ['client', message('p', cstring('md5secret'))],
  [
    'server',
    Buffer.concat([
      message('R', int32(0)),
      message('S', cstring('server_version'), cstring('15.1')),
      message('K', int32(9), int32(9)),
      ready,
    ]),
  ],
  ['client', message('P', cstring('x'), cstring('select $1::int as n'), int16(1), int32(23))],
  [
    'client',
    Buffer.concat([
      message('B', cstring(''), cstring('x'), int16(1), int16(1), int16(1), sized(int32(7)), int16(1), int16(1)),
      message('D', cstring('P')),
      message('E', cstring(''), int32(0)),
      message('S'),
    ]),
  ],
  [
    'server',
    Buffer.concat([
      message('1'),
      message('2'),
      message('T', int16(1), column),
      message('D', int16(1), sized(int32(7))),
      message('C', cstring('SELECT 1')),
      ready,
    ]),
  ],
  ['client', message('Q', cstring('select nope'))],
  ['server', Buffer.concat([message('E', Buffer.from('SERROR\0C42703\0Mno such column\0\0')), ready])],
  ['server', message('A', int32(3), cstring('news'), cstring('hello'))],
  ['client', message('X')],
]

function read(
  pieces: readonly (readonly ['client' | 'server', Uint8Array])[],
  messageLimit?: number,
): { events: CallEvent[]; calls: ReadCall[] } {
  const events: CallEvent[] = []
  let id = 0
  const reader = postgresProtocol.createReader(
    { connection: 1, nextId: () => ++id, ...(messageLimit !== undefined && { messageLimit }) },
    (event) => events.push(event),
  )
  for (const [index, [from, bytes]] of pieces.entries()) reader.push(from, bytes, index)
  reader.stop(99)
  return { events, calls: events.flatMap((event) => (event.type === 'call' ? [event.call] : [])) }
}

/** What is wrong with events: an `open` without its one `call`, or something told after a gap. */
function faultsOf(events: readonly CallEvent[]): string[] {
  const open = new Set<number>()
  const faults: string[] = []
  for (const [index, event] of events.entries()) {
    if (event.type === 'open') open.add(event.id)
    else if (event.type === 'skipped' && !open.delete(event.id)) faults.push(`call ${event.id} was not open`)
    else if (event.type === 'call' && !open.delete(event.call.id)) faults.push(`call ${event.call.id} was not open`)
    else if (event.type === 'gap' && index < events.length - 1) faults.push('something was told after a gap')
  }
  return [...faults, ...[...open].map((id) => `${id} stayed open`)]
}

const plain = (calls: readonly ReadCall[]): unknown => calls.map(({ startedAt: _s, endedAt: _e, ...call }) => call)

describe('a reader of Postgres', () => {
  it('reads statements, and no credential', () => {
    const { calls } = read(conversation)
    expect(
      calls.map(({ operation, request, response, lifetime, state }) => ({
        operation,
        request,
        response,
        lifetime,
        state,
      })),
    ).toEqual([
      {
        operation: 'connect',
        request: { user: 'ann', database: 'shop', parameters: { application_name: 'test' } },
        response: { authentication: 'md5', parameters: { server_version: '15.1' } },
        lifetime: 'connection',
        state: 'complete',
      },
      {
        operation: 'SELECT',
        request: { sql: 'select $1::int as n', params: ['7'] },
        response: { columns: [{ name: 'n', type: 'int4', format: 'binary' }], rows: [['7']], tag: 'SELECT 1' },
        lifetime: 'test',
        state: 'complete',
      },
      {
        operation: 'SELECT',
        request: { sql: 'select nope' },
        response: { error: { severity: 'ERROR', code: '42703', message: 'no such column' } },
        lifetime: 'test',
        state: 'complete',
      },
      {
        operation: 'notify',
        request: null,
        response: { notification: { channel: 'news', payload: 'hello' } },
        lifetime: 'test',
        state: 'complete',
      },
    ])
    expect(JSON.stringify(calls)).not.toContain('secret')
  })

  it('passes over the answer to a request for encryption that a relay sent by itself', () => {
    const asked = plain(read(conversation).calls) as unknown[]
    for (const answer of ['N', 'S']) {
      const pieces = [...conversation.slice(2, 3), ['server', Buffer.from(answer)] as const, ...conversation.slice(3)]
      expect(plain(read(pieces).calls)).toEqual(asked)
    }
    const notice = message('N', Buffer.from('SNOTICE\0Mold\0\0'))
    const byBytes = [...notice].map((byte) => ['server', Buffer.from([byte])] as const)
    const { calls } = read([...conversation.slice(2, 3), ...byBytes, ...conversation.slice(3)])
    expect(calls).toHaveLength(asked.length)
  })

  it('takes what a server passed over after an error for no call', () => {
    const pipeline = Buffer.concat([
      message('P', cstring(''), cstring('select nope'), int16(0)),
      message('D', cstring('S')),
      message('B', cstring(''), cstring(''), int16(0), int16(0), int16(0)),
      message('E', cstring(''), int32(0)),
      message('S'),
    ])
    const failed = Buffer.concat([message('E', Buffer.from('SERROR\0C42703\0Mno such column\0\0')), ready])
    const { calls, events } = read([...conversation.slice(0, 6), ['client', pipeline], ['server', failed]])
    expect(calls.map(({ operation, request, state }) => [operation, request, state]).slice(1)).toEqual([
      ['describe', { sql: 'select nope' }, 'complete'],
    ])
    expect(faultsOf(events)).toEqual([])
  })

  it('reads the same wherever chunks are cut', () => {
    const whole = plain(read(conversation).calls)
    for (let size = 1; size < 60; size++) {
      const pieces = conversation.flatMap(([from, bytes]) =>
        Array.from(
          { length: Math.ceil(bytes.length / size) },
          (_, index) => [from, bytes.subarray(index * size, (index + 1) * size)] as const,
        ),
      )
      expect(plain(read(pieces).calls)).toEqual(whole)
    }
  })

  it('bears every truncation', () => {
    for (let step = 0; step < conversation.length; step++) {
      const [from, bytes] = conversation[step] as (typeof conversation)[number]
      for (let cut = 0; cut < bytes.length; cut++) {
        const pieces = [
          ...conversation.slice(0, step),
          [from, bytes.subarray(0, cut)],
          ...conversation.slice(step + 1),
        ] as const
        expect(faultsOf(read(pieces).events)).toEqual([])
      }
    }
  })

  it('bears random bytes, wrong lengths, and the bytes of the other side', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom(...'RSKZ123tTnDCIsGHdcENAWQPBDEXFpf'.split('')),
          fc.constantFrom(-1, 0, 3, 4, 5, 2 ** 31 - 1),
          fc.uint8Array({ maxLength: 20 }),
        )
        .map(([letter, length, rest]) => Buffer.concat([Buffer.from(letter), int32(length), rest])),
      fc
        .tuple(fc.constantFrom(...'RSKZ123tTnDCIsGHdcENAWQPBDEXFpf'.split('')), fc.uint8Array({ maxLength: 40 }))
        .map(([letter, rest]) => message(letter, rest)),
      fc.constantFrom(...conversation.map(([, part]) => part)),
    )
    fc.assert(
      fc.property(
        fc.nat(conversation.length),
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), bytes), { maxLength: 20 }),
        (start, noise) => {
          expect(faultsOf(read([...conversation.slice(0, start), ...noise]).events)).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('makes a gap of what is too long, of replication and of TLS that it cannot see through', () => {
    const gaps = (pieces: Parameters<typeof read>[0], limit?: number): string[] =>
      read(pieces, limit).events.flatMap((event) => (event.type === 'gap' ? [event.reason] : []))
    expect(
      gaps([...conversation.slice(0, 6), ['client', Buffer.concat([Buffer.from('Q'), int32(2 ** 31 - 1)])]]),
    ).toHaveLength(1)
    expect(gaps([['client', startup('user', 'a', 'replication', 'database')]])).toEqual([
      'a connection for replication is not read',
    ])
    expect(
      gaps([
        ['client', Buffer.concat([int32(8), int32(80_877_103)])],
        ['server', Buffer.from('S')],
        ['client', Buffer.from([22, 3, 1])],
      ]),
    ).toHaveLength(1)
    expect(gaps([...conversation.slice(0, 6), ['client', message('F', int32(1))]])).toHaveLength(1)
  })

  it('is told from other protocols by the first bytes', () => {
    expect(postgresProtocol.detect(startup('user', 'a'))).toBe('yes')
    expect(postgresProtocol.detect(Buffer.from([0, 0, 0]))).toBe('more')
    expect(postgresProtocol.detect(Buffer.from('GET / HTTP/1.1\r\n'))).toBe('no')
  })
})

describe('a mock server of Postgres', () => {
  it('bears any bytes', () => {
    const noise = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc
          .tuple(fc.constantFrom(...'QPBDECSHXdcfFp'.split('')), fc.uint8Array({ maxLength: 30 }))
          .map(([letter, rest]) => message(letter, rest)),
      ),
      { maxLength: 15 },
    )
    fc.assert(
      fc.property(fc.boolean(), noise, (loggedIn, chunks) => {
        const sent: Uint8Array[] = []
        const server = postgresProtocol.createMockServer({
          answer: () => ({ type: 'miss', message: 'nothing recorded' }),
          send: (bytes) => sent.push(bytes),
          close: () => undefined,
          schedule: () => () => undefined,
          startTls: () => undefined,
          address: { host: '127.0.0.1', port: 1 },
          recorded: () => [],
        })
        if (loggedIn) server.push(startup('user', 'a'))
        for (const chunk of chunks) server.push(chunk)
        server.push(Buffer.concat([message('S'), message('Q', cstring('select 1 as gone'))]))
        server.end()
        expect(sent.length > 0 || !loggedIn).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
})

describe('parameters in binary form', () => {
  it('are read as the client named them, whatever another client of the same statement named', () => {
    const seen: unknown[] = []
    const sql = 'insert into orders (item, amount) values ($1, $2)'
    const server = postgresProtocol.createMockServer({
      answer: ({ request }) => {
        seen.push(request)
        return { type: 'miss', message: 'nothing recorded' }
      },
      send: () => undefined,
      close: () => undefined,
      schedule: () => () => undefined,
      startTls: () => undefined,
      address: { host: '127.0.0.1', port: 1 },
      recorded: (operation) =>
        operation === 'describe'
          ? [
              {
                protocol: 'postgres',
                operation,
                request: { sql },
                response: { params: ['text', 'numeric'], columns: null },
              },
            ]
          : [],
    })
    const float = Buffer.alloc(8)
    float.writeDoubleBE(4.5)
    server.push(startup('user', 'a'))
    server.push(message('P', cstring(''), cstring(sql), int16(2), int32(0), int32(701)))
    const values = Buffer.concat([int16(2), sized(Buffer.from('tea')), sized(float)])
    server.push(message('B', cstring(''), cstring(''), int16(2), int16(0), int16(1), values, int16(0)))
    server.push(Buffer.concat([message('E', cstring(''), int32(0)), message('S')]))
    expect(seen).toContainEqual({ sql, params: ['tea', '4.5'] })
  })
})

describe('what a server says by itself', () => {
  it('is sent as the recording has it, and a miss as an error after which it goes on', () => {
    const sent: Uint8Array[] = []
    const server = postgresProtocol.createMockServer({
      answer: () => ({ type: 'miss', message: 'nothing recorded' }),
      send: (bytes) => sent.push(bytes),
      close: () => undefined,
      schedule: () => () => undefined,
      startTls: () => undefined,
      address: { host: '127.0.0.1', port: 1 },
      recorded: () => [],
    })
    server.push(startup('user', 'a'))
    sent.length = 0
    server.deliver({ notification: { channel: 'news', payload: 'hello' } })
    expect(Buffer.concat(sent)).toEqual(message('A', int32(1), cstring('news'), cstring('hello')))
    sent.length = 0
    server.push(message('Q', cstring('select 1 as gone')))
    const missed = Buffer.concat(sent).toString('latin1')
    expect(missed).toContain('CXX000\0Mnothing recorded\0')
    expect(missed.endsWith('Z\0\0\0\x05I')).toBe(true)
  })
})

describe('values in binary form', () => {
  const trip = (oid: number, text: string): string | null | Uint8Array =>
    readCell(toBinary(oid, text) ?? null, oid, true)

  it('become the text that Postgres writes, and the same bytes again', () => {
    for (const [oid, text] of [
      [16, 't'],
      [17, String.raw`\x00ff`],
      [20, '-9223372036854775808'],
      [21, '-2'],
      [26, '4294967295'],
      [700, '1.1'],
      [701, '1e-07'],
      [701, 'NaN'],
      [869, '10.0.0.1'],
      [1082, '0044-03-15 BC'],
      [1083, '23:59:59.000001'],
      [1114, '1999-12-31 23:59:59.5'],
      [1184, '2024-02-29 00:00:00+00'],
      [1184, 'infinity'],
      [1186, '1 year 2 mons -3 days +04:05:06.7'],
      [1266, '01:02:03+05:30'],
      [1700, '-12345.6700'],
      [1700, '0.00'],
      [1700, '100000000'],
      [1700, 'NaN'],
      [2950, '00000000-0000-0000-0000-00000000000a'],
      [3802, '{"a": 1}'],
      [1007, '{{1,2},{NULL,4}}'],
      [1009, String.raw`{a,"b c","\"q\"",""}`],
      [1009, '{}'],
    ] as const) {
      expect([oid, trip(oid, text)]).toEqual([oid, text])
    }
  })

  it('stay bytes where they would not come out the same, for every type', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          16,
          17,
          20,
          21,
          23,
          25,
          26,
          114,
          700,
          701,
          869,
          650,
          1082,
          1083,
          1114,
          1184,
          1186,
          1266,
          1700,
          2950,
          3802,
          1007,
          1009,
          1231,
          9999,
        ),
        fc.uint8Array({ maxLength: 40 }),
        (oid, bytes) => {
          const cell = readCell(Buffer.from(bytes), oid, true)
          expect(Buffer.from(writeCell(cell, oid, true, true) as Uint8Array)).toEqual(Buffer.from(bytes))
        },
      ),
      { numRuns: 1500 },
    )
  })
})

describe('statements', () => {
  it('are known by their verb, and by what they do to a transaction', () => {
    expect(verbOf('/* a */ -- b\n (select 1)')).toBe('SELECT')
    expect(verbOf(' ; ')).toBe('EMPTY')
    expect(statusAfter('I', 'begin', ['BEGIN'], false)).toBe('T')
    expect(statusAfter('T', 'select 1/0', [], true)).toBe('E')
    expect(statusAfter('E', 'rollback to savepoint a', ['ROLLBACK'], false)).toBe('T')
    expect(statusAfter('E', 'commit', ['ROLLBACK'], false)).toBe('I')
    expect(statusAfter('T', 'commit and chain', ['COMMIT'], false)).toBe('T')
  })

  it('that set a connection up count for all connections, others for a test', () => {
    expect(lifetimeOf('SET search_path TO a', true)).toBe('session')
    expect(lifetimeOf('SET LOCAL search_path TO a', true)).toBe('test')
    expect(lifetimeOf('show timezone', false)).toBe('session')
    expect(lifetimeOf('show timezone', true)).toBe('test')
    expect(lifetimeOf('BEGIN', false)).toBe('test')
    expect(lifetimeOf('select oid from pg_catalog.pg_type', true)).toBe('session')
  })
})

describe('a relay of Postgres', () => {
  it('ends TLS of the client, begins it towards the server, and takes channel binding out of the offer', () => {
    const rewriter = postgresProtocol.createRewriter?.({
      relayFor: async (host, port) => ({ host, port }),
      tls: 'prefer',
    })
    const ssl = Buffer.concat([int32(8), int32(80_877_103)])
    const first = startup('user', 'a')
    expect(rewriter?.fromClient(ssl)).toEqual([
      { type: 'reply', bytes: Buffer.from('S') },
      { type: 'start-tls', side: 'client' },
    ])
    expect(rewriter?.fromClient(first)).toEqual([{ type: 'forward', bytes: ssl }])
    expect(rewriter?.fromServer(Buffer.from('S'))).toEqual([
      { type: 'start-tls', side: 'server' },
      { type: 'reply', bytes: first },
    ])
    const offer = message('R', int32(10), cstring('SCRAM-SHA-256-PLUS'), cstring('SCRAM-SHA-256'), Buffer.alloc(1))
    expect(rewriter?.fromServer(offer)).toEqual([
      { type: 'forward', bytes: message('R', int32(10), cstring('SCRAM-SHA-256'), Buffer.alloc(1)) },
    ])
    const rest = Buffer.concat([message('R', int32(0)), ready])
    expect(rewriter?.fromServer(rest)).toEqual([{ type: 'forward', bytes: rest }])
    expect(rewriter?.fromClient(Buffer.from('anything'))).toEqual([{ type: 'forward', bytes: Buffer.from('anything') }])
  })

  it('forwards what it does not understand, and refuses a server without TLS where it is required', () => {
    const options = { relayFor: async (host: string, port: number) => ({ host, port }) }
    const lost = postgresProtocol.createRewriter?.({ ...options, tls: 'off' })
    const bytes = Buffer.from('GET / HTTP/1.1\r\n\r\n')
    expect(lost?.fromClient(bytes.subarray(0, 2))).toEqual([])
    expect(lost?.fromClient(bytes.subarray(2))).toEqual([{ type: 'forward', bytes }])
    expect(lost?.fromServer(bytes)).toEqual([{ type: 'forward', bytes }])
    const strict = postgresProtocol.createRewriter?.({ ...options, tls: 'require' })
    void strict?.fromClient(startup('user', 'a'))
    expect(strict?.fromServer(Buffer.from('N'))).toMatchObject([
      { type: 'forward', bytes: expect.toSatisfy((bytes: Buffer) => bytes.includes('does not support SSL')) },
    ])
  })
})

describe('documents of Postgres', () => {
  it('of Keploy are read: messages of version 1, with the blanks of the payload', () => {
    const raw = message('Q', cstring('select\n\t1 as n'))
    const spec = {
      postgresrequests: [{ header: ['Q'], payload: raw.toString('base64'), query: { string: 'select 1 as n' } }],
      postgresresponses: [
        {
          header: ['T', 'D', 'C', 'Z'],
          row_description: {
            fields: [{ field_name: 'n', data_type_oid: 23, data_type_size: 4, type_modifier: -1, format: 0 }],
          },
          data_row: [{ row_values: ['1'] }],
          command_complete: [{ command_tag_type: 'SELECT 1' }],
          ready_for_query: { txstatus: 84 },
        },
      ],
    }
    expect(postgresProtocol.mocks.decode({ kind: 'Postgres', spec, lifetime: 'test' })).toEqual({
      calls: [
        {
          protocol: 'postgres',
          operation: 'SELECT',
          request: { sql: 'select\n\t1 as n' },
          response: { columns: [{ name: 'n', type: 'int4' }], rows: [['1']], tag: 'SELECT 1' },
          lifetime: 'test',
        },
      ],
    })
    const bind = { postgresrequests: [{ header: ['B', 'E'], bind: [{}], execute: [{}] }], postgresresponses: [] }
    expect(postgresProtocol.mocks.decode({ kind: 'Postgres', spec: bind, lifetime: 'test' })).toHaveProperty('problem')
  })

  it('of the kind PostgresV3 are read, with cells that stand as structures', () => {
    const query = {
      sqlNormalized: 'select a, b from t where id = $1',
      bindValues: [7],
      response: {
        rowDescription: [
          { name: 'a', data_type_oid: 1700 },
          { name: 'b', data_type_oid: 1186 },
        ],
        rows: [
          [
            { int: 125, exp: -2, nan: false, infinitymodifier: 0, valid: true },
            { microseconds: 1, days: 2, months: 0, valid: true },
          ],
        ],
        commandComplete: 'SELECT 1',
      },
    }
    const decoded = postgresProtocol.mocks.decode({
      kind: 'PostgresV3',
      spec: { postgresV3: { type: 'query', query } },
      lifetime: 'test',
    })
    expect(decoded).toMatchObject({
      calls: [
        {
          operation: 'SELECT',
          request: { params: ['7'] },
          response: { rows: [['1.25', '2 days 00:00:00.000001']], tag: 'SELECT 1' },
        },
      ],
    })
    expect(postgresProtocol.mocks.decode({ kind: 'PostgresV3', spec: {}, lifetime: 'test' })).toHaveProperty('problem')
  })

  it('bear any content', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Postgres' as const, 'PostgresV2' as const, 'PostgresV3' as const, 'Call' as const),
        fc.dictionary(
          fc.constantFrom('postgresrequests', 'postgresresponses', 'requests', 'postgresV3', 'operation', 'response'),
          fc.jsonValue(),
        ),
        (kind, spec) => {
          expect(
            Object.keys(postgresProtocol.mocks.decode({ kind, spec: spec as never, lifetime: 'test' })),
          ).toHaveLength(1)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('hold calls without loss', () => {
    for (const { protocol, operation, request, response, lifetime } of read(conversation).calls) {
      const call = { protocol, operation, request, ...(response !== undefined && { response }), lifetime }
      expect(postgresProtocol.mocks.decode({ ...postgresProtocol.mocks.encode(call), lifetime })).toEqual({
        calls: [call],
      })
    }
  })
})
