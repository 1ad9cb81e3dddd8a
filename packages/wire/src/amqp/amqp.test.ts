import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { amqpProtocol } from './amqp-protocol.ts'
import { BEGIN, mock, read, steps, type Step } from './testing/connection.ts'
import { writeFrames } from './write-frames.ts'

const greeting: readonly Step[] = [
  ['client', BEGIN],
  ...steps(0, [
    ['server', { method: 'connection.start', versionMinor: 9, mechanisms: 'PLAIN', locales: 'en_US' }],
    ['client', { method: 'connection.start-ok', mechanism: 'PLAIN', response: '\0ada\0hunter2', locale: 'en_US' }],
    ['server', { method: 'connection.tune', channelMax: 2047, frameMax: 4096, heartbeat: 60 }],
    ['client', { method: 'connection.tune-ok', channelMax: 2047, frameMax: 4096, heartbeat: 60 }],
    ['client', { method: 'connection.open', virtualHost: '/' }],
    ['server', { method: 'connection.open-ok' }],
  ]),
]

const publish = { method: 'basic.publish', exchange: 'shop', routingKey: 'order', properties: {}, body: 'one' }

describe('reading', () => {
  test('a login is told without its password', () => {
    const { calls } = read(greeting)
    expect(
      calls.map(({ operation, request, response, lifetime }) => [
        operation,
        request,
        (response as { method: string }).method,
        lifetime,
      ]),
    ).toEqual([
      ['protocol-header', { method: 'protocol-header', version: '0-9-1' }, 'connection.start', 'connection'],
      [
        'connection.start-ok',
        { method: 'connection.start-ok', clientProperties: {}, mechanism: 'PLAIN', locale: 'en_US', user: 'ada' },
        'connection.tune',
        'connection',
      ],
      ['connection.open', { method: 'connection.open', virtualHost: '/' }, 'connection.open-ok', 'connection'],
    ])
    const table = writeFrames(
      0,
      { method: 'connection.start-ok', clientProperties: { LOGIN: 'ada', PASSWORD: 'hunter2' } },
      0,
    )
    // The response of AMQPLAIN is a table without its length.
    const response = table.subarray(7 + 4 + 4, -1 - 1 - 4 - 1)
    const { calls: plain } = read(
      [
        ['client', BEGIN],
        ...steps(0, [
          ['client', { method: 'connection.start-ok', mechanism: 'AMQPLAIN', response: response.toString('latin1') }],
        ]),
      ],
      'stop',
    )
    expect(plain[1]?.request).toMatchObject({ user: 'ada' })
    expect(JSON.stringify([calls, plain])).not.toContain('hunter2')
  })

  test('cut at any byte, a connection reads the same', () => {
    const all: readonly Step[] = [
      ...greeting,
      ...steps(1, [
        ['client', publish],
        ['client', { method: 'basic.get', queue: 'q' }],
        [
          'server',
          {
            method: 'basic.get-ok',
            deliveryTag: '7',
            exchange: 'shop',
            routingKey: 'order',
            messageCount: 2,
            properties: { priority: 1 },
            body: 'x',
          },
        ],
      ]),
    ]
    const whole = read(all).events.map((event) =>
      event.type === 'call' ? [event.call.operation, event.call.request, event.call.response] : event.type,
    )
    const longest = Math.max(...all.map(([, bytes]) => bytes.length))
    for (let at = 1; at < longest; at++) {
      const cut = all.flatMap(([from, bytes]): Step[] => [
        [from, bytes.subarray(0, at)],
        [from, bytes.subarray(at)],
      ])
      expect(
        read(cut).events.map((event) =>
          event.type === 'call' ? [event.call.operation, event.call.request, event.call.response] : event.type,
        ),
      ).toEqual(whole)
    }
  })

  test('confirms answer the messages that they count, several at once too, and what no queue took is said there', () => {
    const lost = { ...publish, routingKey: 'lost', mandatory: true }
    const { calls } = read([
      ['client', BEGIN],
      ...steps(1, [
        ['client', publish],
        ['client', { method: 'confirm.select' }],
        ['server', { method: 'confirm.select-ok' }],
        ['client', { ...publish, body: 'two' }],
        ['client', lost],
        ['client', { ...publish, body: 'four' }],
        ['server', { ...lost, method: 'basic.return', replyCode: 312, replyText: 'NO_ROUTE' }],
        ['server', { method: 'basic.ack', deliveryTag: '2', multiple: true }],
        ['server', { method: 'basic.nack', deliveryTag: '3' }],
      ]),
    ])
    expect(
      calls
        .filter(({ operation }) => operation === 'basic.publish')
        .map(({ request, response }) => [(request as { body: string }).body, response]),
    ).toEqual([
      ['one', undefined],
      ['two', { method: 'basic.ack' }],
      ['one', { method: 'basic.ack', returned: { replyCode: 312, replyText: 'NO_ROUTE' } }],
      ['four', { method: 'basic.nack' }],
    ])
  })

  test('deliveries come after the call that ended last, and acknowledgements name where the message came from', () => {
    const deliver = {
      method: 'basic.deliver',
      consumerTag: 'c',
      exchange: 'shop',
      routingKey: 'order',
      properties: {},
      body: 'x',
    }
    const { calls } = read([
      ['client', BEGIN],
      ...steps(1, [
        ['client', { method: 'basic.consume', queue: 'q', consumerTag: 'c' }],
        ['server', { method: 'basic.consume-ok', consumerTag: 'c' }],
        ['server', { ...deliver, deliveryTag: '1' }],
        ['server', { ...deliver, deliveryTag: '2', routingKey: 'other' }],
        ['client', { method: 'basic.nack', deliveryTag: '2', requeue: true }],
      ]),
    ])
    const [consume, first, second, nack] = calls
    expect(first).toMatchObject({
      operation: 'basic.deliver',
      request: null,
      after: consume?.id,
      response: { ...deliver, redelivered: false },
    })
    expect(second?.after).toBe(first?.id)
    expect(nack?.request).toEqual({
      method: 'basic.nack',
      multiple: false,
      requeue: true,
      exchange: 'shop',
      routingKey: 'other',
    })
    expect(JSON.stringify(calls)).not.toContain('deliveryTag')
  })

  test('a channel that the server closes answers the request that it names, and ends the others', () => {
    const { calls } = read([
      ['client', BEGIN],
      ...steps(1, [
        ['client', { method: 'queue.declare', queue: 'q', passive: true }],
        ['client', { method: 'basic.qos' }],
        ['server', { method: 'channel.close', replyCode: 404, replyText: 'NOT_FOUND', classId: 50, methodId: 10 }],
        ['client', { method: 'channel.close-ok' }],
        ['client', publish],
        ['server', { method: 'channel.close', replyCode: 404, replyText: 'no exchange', classId: 60, methodId: 40 }],
      ]),
    ])
    expect(calls.map(({ operation, state, response }) => [operation, state, response])).toEqual([
      [
        'queue.declare',
        'complete',
        { method: 'channel.close', replyCode: 404, replyText: 'NOT_FOUND', cause: 'queue.declare' },
      ],
      ['basic.qos', 'aborted', undefined],
      ['basic.publish', 'complete', undefined],
      [
        'channel.close',
        'complete',
        { method: 'channel.close', replyCode: 404, replyText: 'no exchange', cause: 'basic.publish' },
      ],
    ])
  })

  test('how the connection ends is how its open calls end', () => {
    const ends = (['end', 'abort', 'stop'] as const).map((how) => read([['client', BEGIN]], how).calls[0])
    expect(ends.map((call) => [call?.state, call?.ended])).toEqual([
      ['complete', 'end'],
      ['aborted', 'reset'],
      ['open', undefined],
    ])
  })

  test('unreadable bytes are one gap, and every call that was open is told', () => {
    for (const bad of [
      'GET / HTTP/1.1\r\n',
      '\x01\0\x01\xff\xff\xff\xff',
      '\x01\0\x01\0\0\0\x01xx',
      '\x03\0\x01\0\0\0\x01x\xce',
      '\x01\0\x01\0\0\0\x04\0\x3c\xff\xff\xce',
    ]) {
      const { events } = read(
        [
          ['client', BEGIN],
          ['client', Buffer.from(bad, 'latin1')],
          ['client', BEGIN],
        ],
        'stop',
      )
      expect(events.map(({ type }) => type)).toEqual(['open', 'call', 'gap'])
    }
    const long = read(
      [['client', BEGIN], ...steps(1, [['client', { ...publish, body: 'x'.repeat(200) }]])],
      'stop',
      100,
    )
    expect(long.events.at(-1)).toMatchObject({ type: 'gap', reason: 'AMQP: a message is longer than 100 bytes' })
    expect(read([['client', Buffer.from('GET / HT')]]).events).toMatchObject([{ type: 'gap' }])
  })

  test('no bytes of either side throw, and each open is followed by one call', () => {
    const real = greeting
      .map(([, bytes]) => bytes)
      .concat(
        steps(1, [
          ['client', publish],
          ['server', { method: 'basic.deliver', deliveryTag: '1', body: 'x' }],
          ['client', { method: 'basic.ack', deliveryTag: '1', multiple: true }],
          ['client', { method: 'basic.consume' }],
        ]).map(([, bytes]) => bytes),
      )
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
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), chunk), { maxLength: 10 }),
        (random) => {
          const { events } = read([['client', BEGIN], ...random], 'stop')
          const ids = (type: 'open' | 'call'): number[] =>
            events
              .flatMap((event) =>
                event.type === 'gap' || event.type !== type ? [] : [event.type === 'call' ? event.call.id : event.id],
              )
              .sort((a, b) => a - b)
          expect(ids('call')).toEqual(ids('open'))
          expect(events.filter(({ type }) => type === 'gap').length).toBeLessThan(2)
          const server = mock(() => ({ type: 'miss', message: 'x' }))
          server.push(BEGIN)
          for (const [, bytes] of random) server.push(bytes)
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('answering', () => {
  const miss = { type: 'miss', message: 'nothing recorded' } as const

  test('a client is greeted, and kept up by heartbeats as often as it wants', () => {
    const server = mock(() => miss)
    for (const [from, bytes] of greeting) if (from === 'client') server.push(bytes)
    expect(server.sent().map(({ tree }) => tree.method)).toEqual([
      'connection.start',
      'connection.tune',
      'connection.open-ok',
    ])
    expect(server.timers.map(({ delayMs }) => delayMs)).toEqual([30_000])
    server.timers[0]?.run()
    expect(server.timers).toHaveLength(2)
  })

  test('any login is accepted, but one that was refused is refused', () => {
    const login = (mechanism: string) =>
      steps(0, [['client', { method: 'connection.start-ok', mechanism, response: '' }]])
    const open = mock(() => miss)
    open.push(BEGIN)
    for (const [, bytes] of login('EXTERNAL')) open.push(bytes)
    expect(open.sent().at(-1)?.tree.method).toBe('connection.tune')
    const response = {
      method: 'connection.close',
      replyCode: 403,
      replyText: 'ACCESS_REFUSED',
      cause: 'connection.start-ok',
    }
    const closed = mock(({ operation }) => (operation === 'connection.start-ok' ? { type: 'answer', response } : miss))
    closed.push(BEGIN)
    for (const [, bytes] of login('PLAIN')) closed.push(bytes)
    expect(closed.sent().at(-1)).toMatchObject({ channel: 0, tree: { replyCode: 403, classId: 10, methodId: 11 } })
  })

  test('what a broker says of the connection, or of the channel that was used last, is said there', () => {
    const server = mock(() => miss)
    server.push(BEGIN)
    for (const [, bytes] of steps(5, [['client', { method: 'channel.open' }]])) server.push(bytes)
    server.deliver({ method: 'connection.blocked', reason: 'low on memory' })
    server.deliver({ method: 'channel.close', replyCode: 404, replyText: 'no exchange', cause: 'basic.publish' })
    expect(server.sent().slice(2)).toMatchObject([
      { channel: 0, tree: { method: 'connection.blocked', reason: 'low on memory' } },
      { channel: 5, tree: { method: 'channel.close', replyCode: 404, classId: 60, methodId: 40 } },
    ])
  })

  test('another version of the protocol is told which one is spoken', () => {
    const server = mock(() => miss)
    server.push(Buffer.from('AMQP\0\x01\0\0', 'latin1'))
    expect(server.raw()).toEqual(BEGIN)
    expect(server.closed).toEqual(['end'])
  })

  test('a recorded consumer has the name that the client gives it, and what came before it waits', () => {
    const server = mock(({ operation }) =>
      operation === 'basic.consume'
        ? { type: 'answer', response: { method: 'basic.consume-ok', consumerTag: 'recorded' } }
        : miss,
    )
    server.push(BEGIN)
    const deliver: Value = {
      method: 'basic.deliver',
      consumerTag: 'recorded',
      exchange: 'shop',
      routingKey: 'order',
      properties: {},
      body: 'x',
    }
    server.deliver(deliver)
    for (const [, bytes] of steps(3, [['client', { method: 'basic.consume', queue: 'q', consumerTag: 'live' }]]))
      server.push(bytes)
    server.deliver(deliver)
    expect(server.sent().slice(1)).toMatchObject([
      { channel: 3, tree: { method: 'basic.consume-ok', consumerTag: 'live' } },
      { channel: 3, tree: { method: 'basic.deliver', consumerTag: 'live', deliveryTag: '1', body: 'x' } },
      { channel: 3, tree: { method: 'basic.deliver', consumerTag: 'live', deliveryTag: '2', body: 'x' } },
    ])
    for (const [, bytes] of steps(3, [
      ['client', { method: 'basic.ack', deliveryTag: '1' }],
      ['client', { method: 'basic.cancel', consumerTag: 'live' }],
    ]))
      server.push(bytes)
    expect(server.asked.slice(-2).map(({ request }) => request)).toEqual([
      { method: 'basic.ack', multiple: false, exchange: 'shop', routingKey: 'order' },
      { method: 'basic.cancel', consumerTag: 'recorded', nowait: false },
    ])
  })

  test('a miss closes its channel, whose further requests are dropped until the client agrees', () => {
    const server = mock(() => miss)
    server.push(BEGIN)
    const declare = { method: 'queue.delete', queue: 'q' }
    for (const [, bytes] of steps(1, [
      ['client', declare],
      ['client', declare],
      ['client', { method: 'channel.close-ok' }],
      ['client', declare],
    ]))
      server.push(bytes)
    expect(server.sent().slice(1)).toMatchObject(
      Array.from({ length: 2 }, () => ({
        channel: 1,
        tree: { method: 'channel.close', replyCode: 404, replyText: 'nothing recorded', classId: 50, methodId: 40 },
      })),
    )
    expect(server.asked).toHaveLength(3)
  })

  test('a long reason is cut between two characters', () => {
    const server = mock(() => ({ type: 'miss', message: 'ü'.repeat(200) }))
    server.push(BEGIN)
    for (const [, bytes] of steps(1, [['client', { method: 'queue.purge', queue: 'q' }]])) server.push(bytes)
    expect(server.sent().at(-1)?.tree['replyText']).toBe('ü'.repeat(127))
  })

  test('confirms count the messages of the live channel, and a returned message comes before its confirm', () => {
    const server = mock(({ operation }) =>
      operation === 'basic.publish'
        ? { type: 'answer', response: { method: 'basic.ack', returned: { replyCode: 312, replyText: 'NO_ROUTE' } } }
        : miss,
    )
    server.push(BEGIN)
    const message = { ...publish, body: 'y'.repeat(10_000) }
    for (const [, bytes] of [
      ...steps(0, [['client', { method: 'connection.tune-ok', frameMax: 4096 }]]),
      ...steps(1, [
        ['client', { method: 'confirm.select' }],
        ['client', message],
      ]),
    ])
      server.push(bytes)
    expect(server.sent().slice(1)).toMatchObject([
      { tree: { method: 'confirm.select-ok' } },
      { tree: { method: 'basic.return', replyCode: 312, routingKey: 'order', body: message.body } },
      { tree: { method: 'basic.ack', deliveryTag: '1' } },
    ])
    expect(server.frames()).toBeLessThanOrEqual(4096)
  })

  test('a queue that was polled is empty when nothing is left; one that was not is a miss', () => {
    const recorded = [{ request: { method: 'basic.get', queue: 'q' }, response: { method: 'basic.get-empty' } }]
    const server = mock(() => miss, recorded)
    server.push(BEGIN)
    for (const [, bytes] of steps(1, [
      ['client', { method: 'basic.get', queue: 'q' }],
      ['client', { method: 'basic.get', queue: 'other' }],
    ]))
      server.push(bytes)
    expect(
      server
        .sent()
        .slice(1)
        .map(({ tree }) => tree.method),
    ).toEqual(['basic.get-empty', 'channel.close'])
  })
})

test('calls come back from their documents equal', () => {
  const { calls } = read([...greeting, ...steps(1, [['client', { ...publish, body: new Uint8Array([255, 0]) }]])])
  for (const { id: _, connection: _c, state: _s, startedAt: _a, endedAt: _e, ...call } of calls) {
    const mocked = amqpProtocol.mocks.encode(call)
    expect(amqpProtocol.mocks.decode({ ...mocked, lifetime: call.lifetime })).toEqual({ calls: [call] })
  }
})

test('a connection is known by its first eight bytes', () => {
  expect(amqpProtocol.detect(BEGIN)).toBe('yes')
  expect(amqpProtocol.detect(BEGIN.subarray(0, 7))).toBe('more')
  expect(amqpProtocol.detect(Buffer.from('AMQP\0\x01\0\0', 'latin1'))).toBe('no')
})

test('a method is described in one line of at most 200 characters', () => {
  expect(amqpProtocol.describe({ ...publish, mandatory: false })).toBe(
    'basic.publish exchange "shop" routingKey "order" body "one"',
  )
  expect(amqpProtocol.describe({ ...publish, body: 'x'.repeat(500) })).toHaveLength(200)
  expect(amqpProtocol.describe(null)).toBe('nothing')
})
