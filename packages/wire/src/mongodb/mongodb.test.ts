import { deflateSync, zstdCompressSync } from 'node:zlib'

import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { MockAnswer, MockMiss, MockRequest } from '../protocol/mock-server.ts'
import { FLAGS, type Message } from './message.ts'
import { mongodbProtocol } from './mongodb-protocol.ts'
import { readMessage } from './read-message.ts'
import { readSnappy } from './read-snappy.ts'
import { insert, inserted, msg, OK, read } from './testing/connection.ts'
import { writeMessage } from './write-message.ts'

describe('reading', () => {
  test('sections are one body, and what drivers number is left out', () => {
    const { calls } = read([
      ['client', insert],
      ['server', inserted],
    ])
    expect(calls).toEqual([
      {
        protocol: 'mongodb',
        id: 1,
        connection: 1,
        operation: 'insert',
        request: {
          command: 'insert',
          database: 'app',
          body: {
            insert: 'users',
            ordered: true,
            documents: [{ _id: { $oid: '64b000000000000000000001' } }, { _id: 2 }],
          },
          sequences: ['documents'],
        },
        response: { n: 2, ok: OK },
        lifetime: 'test',
        state: 'complete',
        startedAt: 0,
        endedAt: 1,
      },
    ])
  })

  test('cut at any byte, a connection reads the same', () => {
    const whole = read([
      ['client', insert],
      ['server', inserted],
    ]).calls.map(({ response, request }) => ({ request, response }))
    for (let at = 0; at <= insert.length; at++) {
      const cut = read([
        ['client', insert.subarray(0, at)],
        ['client', insert.subarray(at)],
        ['server', inserted.subarray(0, at % inserted.length)],
        ['server', inserted.subarray(at % inserted.length)],
      ])
      expect(cut.calls.map(({ response, request }) => ({ request, response }))).toEqual(whole)
    }
  })

  test('answers out of order, a stream of answers, and a write without an answer', () => {
    const { calls } = read([
      ['client', msg(1, { find: 'a', $db: 'x' })],
      ['client', msg(2, { getMore: 1, $db: 'x' }, { flags: FLAGS.exhaustAllowed })],
      ['client', msg(3, { insert: 'a', writeConcern: { w: 0 }, $db: 'x' }, { flags: FLAGS.moreToCome })],
      ['server', msg(11, { part: 1, ok: OK }, { responseTo: 2, flags: FLAGS.moreToCome })],
      ['server', msg(12, { part: 2, ok: OK }, { responseTo: 11 })],
      ['server', msg(13, { ok: OK }, { responseTo: 1 })],
    ])
    expect(calls.map(({ operation, response }) => [operation, response])).toEqual([
      ['insert', undefined],
      [
        'getMore',
        {
          stream: [
            { part: 1, ok: OK },
            { part: 2, ok: OK },
          ],
        },
      ],
      ['find', { ok: OK }],
    ])
    expect(calls[0]?.request).toMatchObject({ unacknowledged: true })
  })

  test('an answer to a write that wants none, as FerretDB gives, ends nothing', () => {
    const { events } = read([
      ['client', msg(3, { insert: 'a', $db: 'x' }, { flags: FLAGS.moreToCome })],
      ['server', msg(4, { ok: OK }, { responseTo: 3 })],
      ['client', insert],
      ['server', inserted],
    ])
    expect(events.map(({ type }) => type)).toEqual(['open', 'call', 'open', 'call'])
  })

  test('a heartbeat is told once, however often the server repeats it', () => {
    const { calls, events } = read([
      [
        'client',
        msg(1, { hello: 1, topologyVersion: {}, maxAwaitTimeMS: 10, $db: 'admin' }, { flags: FLAGS.exhaustAllowed }),
      ],
      ['server', msg(5, { ok: OK }, { responseTo: 1, flags: FLAGS.moreToCome })],
      ['server', msg(6, { ok: OK }, { responseTo: 5, flags: FLAGS.moreToCome })],
      ['server', msg(7, { ok: OK }, { responseTo: 6, flags: FLAGS.moreToCome })],
    ])
    expect(events.map(({ type }) => type)).toEqual(['open', 'call'])
    expect(calls[0]).toMatchObject({ operation: 'hello', lifetime: 'session' })
  })

  test('no proof, nonce or password of a login is in a call', () => {
    const payload = { $binary: { base64: Buffer.from('n,,n=ada,r=nonce').toString('base64'), subType: '00' } }
    const { calls } = read([
      [
        'client',
        msg(1, {
          hello: 1,
          client: {},
          speculativeAuthenticate: { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload },
          $db: 'admin',
        }),
      ],
      ['server', msg(2, { speculativeAuthenticate: { payload }, ok: OK }, { responseTo: 1 })],
      ['client', msg(3, { saslStart: 1, mechanism: 'SCRAM-SHA-1', payload, $db: 'admin' })],
      ['server', msg(4, { conversationId: 1, payload, ok: OK }, { responseTo: 3 })],
      ['client', msg(5, { createUser: 'bob', pwd: 'hunter2', roles: [], $db: 'admin' })],
      ['server', msg(6, { ok: OK }, { responseTo: 5 })],
    ])
    expect(calls.map(({ request, lifetime }) => [(request as { body: Value }).body, lifetime])).toEqual([
      [{ hello: 1, client: {}, speculativeAuthenticate: { mechanism: 'SCRAM-SHA-256', user: 'ada' } }, 'connection'],
      [{ saslStart: 1, mechanism: 'SCRAM-SHA-1', user: 'ada' }, 'connection'],
      [{ createUser: 'bob', roles: [] }, 'test'],
    ])
    expect(JSON.stringify(calls)).not.toMatch(/payload|nonce|hunter2/)
  })

  test('compressed messages are read as plain ones', () => {
    const literal = (plain: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from([
          plain.length | 0x80,
          plain.length >> 7,
          61 << 2,
          (plain.length - 1) & 255,
          (plain.length - 1) >> 8,
        ]),
        plain,
      ])
    for (const [compressor, compress] of [
      [0, (plain: Buffer) => plain],
      [1, literal],
      [2, deflateSync],
      [3, zstdCompressSync],
    ] as const) {
      const plain = insert.subarray(16)
      const packed = compress(plain)
      const message = Buffer.concat([insert.subarray(0, 16), Buffer.alloc(9), packed])
      message.writeInt32LE(message.length, 0)
      message.writeInt32LE(2012, 12)
      message.writeInt32LE(2013, 16)
      message.writeInt32LE(plain.length, 20)
      message[24] = compressor
      expect(readMessage(message, 1e6), `compressor ${compressor}`).toEqual(readMessage(insert, 1e6))
      expect(readMessage(message, 20)).toBeUndefined()
    }
    // "abababab" as a literal and a copy that reaches into itself.
    expect(readSnappy(Buffer.from([8, 0x04, 0x61, 0x62, 0x09, 0x02]), 100)?.toString()).toBe('abababab')
    expect(readSnappy(Buffer.from([8, 0x04, 0x61, 0x62, 0x09, 0x03]), 100)).toBeUndefined()
  })

  test('how the connection ends is how its open calls end', () => {
    const ends = (['end', 'abort', 'stop'] as const).map((how) => read([['client', insert]], how).calls[0])
    expect(ends.map((call) => [call?.state, call?.ended])).toEqual([
      ['complete', 'end'],
      ['aborted', 'reset'],
      ['open', undefined],
    ])
  })

  test('unreadable bytes are one gap, and every call that was open is told', () => {
    for (const bad of [
      Buffer.alloc(16, 255),
      Buffer.alloc(16),
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      msg(1, {}, { flags: 4 }),
    ]) {
      const { events } = read(
        [
          ['client', insert],
          ['client', bad],
          ['server', inserted],
          ['client', insert],
        ],
        'stop',
      )
      expect(events.map(({ type }) => type)).toEqual(['open', 'call', 'gap'])
    }
    expect(read([['client', insert]], undefined, 50).events).toMatchObject([
      { type: 'gap', reason: 'MongoDB: a message is longer than 50 bytes' },
    ])
  })

  test('no bytes of either side throw, and each open is followed by one call', () => {
    const real = [insert, inserted, msg(3, { ping: 1, $db: 'a' })]
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(...real),
      fc.tuple(fc.constantFrom(...real), fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
        const changed = Buffer.from(bytes)
        changed[at % changed.length] = byte
        return changed
      }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), chunk), { maxLength: 8 }),
        (steps) => {
          const { events } = read(steps, 'stop')
          const ids = (type: 'open' | 'call'): number[] =>
            events
              .flatMap((event) =>
                event.type === 'gap' || event.type !== type ? [] : [event.type === 'call' ? event.call.id : event.id],
              )
              .sort((a, b) => a - b)
          expect(ids('call')).toEqual(ids('open'))
          expect(events.filter(({ type }) => type === 'gap').length).toBeLessThan(2)
          const server = mock(() => ({ type: 'miss', message: 'x' }))
          for (const [, bytes] of steps) server.push(bytes)
        },
      ),
      { numRuns: 400 },
    )
  })
})

interface Mocked {
  push(bytes: Uint8Array): void
  readonly sent: Message[]
  readonly asked: MockRequest[]
  readonly closed: string[]
  readonly timers: { readonly delayMs: number; readonly run: () => void }[]
}

function mock(
  answer: (request: MockRequest) => MockAnswer | MockMiss,
  recorded: readonly { request: Value; response?: Value }[] = [],
): Mocked {
  const sent: Message[] = []
  const asked: MockRequest[] = []
  const closed: string[] = []
  const timers: { delayMs: number; run: () => void }[] = []
  const server = mongodbProtocol.createMockServer({
    answer(request) {
      asked.push(request)
      return answer(request)
    },
    send: (bytes) => sent.push(readMessage(Buffer.from(bytes), 1e8) as Message),
    close: (how) => closed.push(how),
    schedule: (delayMs, run) => (timers.push({ delayMs, run }), () => {}),
    startTls: () => {},
    address: { host: '127.0.0.1', port: 4000 },
    recorded: () => recorded,
  })
  return { push: (bytes) => server.push(bytes), sent, asked, closed, timers }
}

const miss = { type: 'miss', message: 'nothing recorded' } as const
const bodyOf = (message: Message | undefined): unknown =>
  message?.body.type === 'msg' ? message.body.body : message?.body

describe('answering', () => {
  test('greetings name the address of the mock server, as the primary of the recorded replica set', () => {
    const response = {
      setName: 'rs',
      hosts: ['db1:27017', 'db2:27017'],
      secondary: true,
      me: 'db2:27017',
      compression: ['zlib'],
      maxWireVersion: 21,
      ok: OK,
    }
    const server = mock(() => ({ type: 'answer', response }))
    server.push(
      writeMessage({
        requestId: 1,
        responseTo: 0,
        body: {
          type: 'query',
          flags: 0,
          collection: 'admin.$cmd',
          skip: 0,
          limit: -1,
          query: { ismaster: 1, client: {} },
        },
      }),
    )
    expect(server.sent).toMatchObject([{ responseTo: 1, body: { type: 'reply', flags: 8 } }])
    const [reply] = server.sent.flatMap(({ body }) => (body.type === 'reply' ? body.documents : []))
    expect(reply).toEqual({
      setName: 'rs',
      hosts: ['127.0.0.1:4000'],
      primary: '127.0.0.1:4000',
      me: '127.0.0.1:4000',
      secondary: false,
      isWritablePrimary: true,
      ismaster: true,
      helloOk: true,
      maxWireVersion: 21,
      ok: OK,
    })
  })

  test('logins in which the server proves nothing are accepted, unknown ones are refused by name', () => {
    const server = mock(() => miss)
    server.push(msg(1, { saslStart: 1, mechanism: 'PLAIN', $db: '$external' }))
    server.push(msg(2, { saslStart: 1, mechanism: 'MONGODB-OIDC', $db: '$external' }))
    server.push(msg(3, { authenticate: 1, mechanism: 'MONGODB-X509', user: 'CN=ada', $db: '$external' }))
    server.push(msg(4, { saslStart: 1, mechanism: 'MONGODB-AWS', $db: '$external' }))
    expect(server.sent.map(bodyOf)).toMatchObject([
      { done: true, ok: OK },
      { done: true, ok: OK },
      { user: 'CN=ada', ok: OK },
      { code: 18, errmsg: 'Keploy: the mock server does not know the mechanism "MONGODB-AWS"' },
    ])
    expect(server.asked).toEqual([])
  })

  test('a client that waits for changes of the deployment waits as long as it said', () => {
    const server = mock(() => miss)
    server.push(
      msg(1, { hello: 1, topologyVersion: {}, maxAwaitTimeMS: 10_000, $db: 'admin' }, { flags: FLAGS.exhaustAllowed }),
    )
    expect(server.sent).toEqual([])
    expect(server.timers.map(({ delayMs }) => delayMs)).toEqual([10_000])
    server.timers[0]?.run()
    server.timers[1]?.run()
    expect(server.sent).toMatchObject([
      { requestId: 1, responseTo: 1, body: { flags: FLAGS.moreToCome } },
      { requestId: 2, responseTo: 1, body: { flags: FLAGS.moreToCome } },
    ])
  })

  test('a miss is an error of the command with the words of the matcher; pings and closed cursors are not missed', () => {
    const server = mock(() => miss)
    server.push(
      Buffer.concat([
        msg(1, { find: 'a', $db: 'x' }),
        msg(2, { ping: 1, $db: 'x' }),
        msg(3, { killCursors: 'a', cursors: [5], $db: 'x' }),
      ]),
    )
    expect(server.sent.map(bodyOf)).toEqual([
      { ok: { $numberDouble: '0.0' }, errmsg: 'nothing recorded', code: 8000, codeName: 'KeployMockMiss' },
      { ok: OK },
      { cursorsKilled: [5], cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [], ok: OK },
    ])
  })

  test('a change stream for which nothing is left waits and finds nothing new; another cursor is a miss', () => {
    const recorded = [
      {
        request: { command: 'aggregate', database: 'x', body: { aggregate: 'a', pipeline: [{ $changeStream: {} }] } },
        response: { cursor: { id: { $numberLong: '77' }, firstBatch: [], ns: 'x.a' }, ok: OK },
      },
    ]
    const server = mock(() => miss, recorded)
    server.push(msg(1, { getMore: { $numberLong: '77' }, collection: 'a', maxTimeMS: 500, $db: 'x' }))
    expect(server.timers.map(({ delayMs }) => delayMs)).toEqual([500])
    server.timers[0]?.run()
    server.push(msg(2, { getMore: { $numberLong: '78' }, collection: 'a', maxTimeMS: 500, $db: 'x' }))
    expect(server.sent.map(bodyOf)).toMatchObject([
      { cursor: { id: { $numberLong: '77' }, nextBatch: [], ns: 'x.a' }, ok: OK },
      { code: 8000 },
    ])
  })

  test('a stream of answers is a chain, and a recorded end of the connection comes after the answer', () => {
    const server = mock(() => ({ type: 'answer', response: { stream: [{ part: 1 }, { part: 2 }] }, ended: 'reset' }))
    server.push(msg(5, { getMore: 1, $db: 'x' }, { flags: FLAGS.exhaustAllowed }))
    expect(server.sent).toMatchObject([
      { requestId: 1, responseTo: 5, body: { flags: FLAGS.moreToCome } },
      { requestId: 2, responseTo: 1, body: { flags: 0 } },
    ])
    expect(server.closed).toEqual(['reset'])
  })
})

describe('relaying', () => {
  const relayFor = (_host: string, port: number) => Promise.resolve({ host: '127.0.0.1', port: port + 1 })
  const hello = msg(1, { hello: 1, $db: 'admin' })
  const reply = { hosts: ['db1:1000', 'db2:2000'], primary: 'db1:1000', me: 'db2:2000', setName: 'rs', ok: OK }

  test('addresses in greetings become those of relays, cut at any byte, and all else goes on as it came', async () => {
    const greeting = msg(50, reply, { responseTo: 1, flags: FLAGS.moreToCome })
    const again = msg(51, reply, { responseTo: 50 })
    const other = msg(52, { hosts: ['db1:1000'], ok: OK }, { responseTo: 2 })
    const all = Buffer.concat([other, greeting, other, again, other])
    for (let at = 0; at <= all.length; at++) {
      const rewriter = mongodbProtocol.createRewriter?.({ relayFor, tls: 'off' })
      const bytes: Uint8Array[] = []
      for (const step of (await rewriter?.fromClient(hello)) ?? [])
        expect(step).toMatchObject({ type: 'forward', bytes: hello })
      for (const chunk of [all.subarray(0, at), all.subarray(at)]) {
        for (const step of (await rewriter?.fromServer(chunk)) ?? [])
          if (step.type === 'forward') bytes.push(step.bytes)
      }
      const moved = {
        hosts: ['127.0.0.1:1001', '127.0.0.1:2001'],
        primary: '127.0.0.1:1001',
        me: '127.0.0.1:2001',
        setName: 'rs',
        ok: OK,
      }
      const expected = Buffer.concat([
        other,
        msg(50, moved, { responseTo: 1, flags: FLAGS.moreToCome }),
        other,
        msg(51, moved, { responseTo: 50 }),
        other,
      ])
      expect(Buffer.concat(bytes).equals(expected), `cut at ${at}`).toBe(true)
    }
  })

  test('bytes of any other protocol go through unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }), async (chunks) => {
        const rewriter = mongodbProtocol.createRewriter?.({ relayFor, tls: 'off' })
        const out: Uint8Array[] = []
        for (const chunk of chunks) {
          for (const step of (await rewriter?.fromClient(chunk)) ?? []) expect(step).toMatchObject({ bytes: chunk })
          for (const step of (await rewriter?.fromServer(chunk)) ?? [])
            if (step.type === 'forward') out.push(step.bytes)
        }
        const given = Buffer.concat(chunks)
        const sent = Buffer.concat(out)
        // What may still become a header, or a message that waits for its rest, is at the end.
        expect(given.subarray(0, sent.length).equals(sent)).toBe(true)
        expect(given.length - sent.length).toBeLessThan(16)
      }),
      { numRuns: 300 },
    )
  })
})

test('a connection is known by its first header', () => {
  const detect = (bytes: Uint8Array): string => mongodbProtocol.detect(bytes)
  expect(detect(insert)).toBe('yes')
  expect(detect(insert.subarray(0, 15))).toBe('more')
  expect(detect(inserted)).toBe('no')
  for (const other of [
    'GET / HTTP/1.1\r\n',
    '*1\r\n$4\r\nPING\r\n',
    'AMQP\0\0\x09\x01',
    '\0\0\0\x08\x04\xd2\x16\x2f',
    'PRI * HTTP/2.0\r\n',
  ]) {
    expect(detect(Buffer.from(other, 'latin1'))).toBe('no')
  }
})

test('a limit is the same whichever number a driver takes for it, and other values are not', () => {
  const key = (limit: Value, filter: Value = {}): Value =>
    mongodbProtocol.match.key({ command: 'find', database: 'a', body: { find: 'b', filter, limit, skip: 0 } })
  expect(key({ $numberLong: '1' })).toEqual(key(1))
  expect(key({ $numberDouble: '1.0' })).toEqual(key(1))
  expect(key({ $numberLong: '2' })).not.toEqual(key(1))
  expect(key({ $numberLong: '9007199254740993' })).not.toEqual(key({ $numberLong: '9007199254740992' }))
  expect(key(1, { n: { $numberLong: '1' } })).not.toEqual(key(1, { n: 1 }))
})

test('a command is described in one line of at most 200 characters', () => {
  const line = (request: Value): string => mongodbProtocol.describe(request)
  expect(line({ command: 'find', database: 'app', body: { find: 'users', filter: { name: 'Ada' } } })).toBe(
    'find app.users {"filter":{"name":"Ada"}}',
  )
  expect(line({ command: 'ping', database: 'admin', body: { ping: 1 } })).toBe('ping admin')
  expect(line({ command: 'find', database: 'a', body: { find: 'b', filter: 'x'.repeat(500) } })).toHaveLength(200)
  expect(line(null)).toBe('nothing')
})
