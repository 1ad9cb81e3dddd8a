import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { CallEvent, ReadCall } from '../protocol/protocol.ts'
import { kafkaProtocol } from './kafka-protocol.ts'
import { writeBatch } from './records/record-batch.ts'
import { ask, conversation, fetchBody, fetchedBody, produceBody, record, tell } from './test-messages.ts'

interface Part {
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}

function read(parts: readonly Part[], messageLimit?: number) {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  const opened: number[] = []
  let ids = 0
  const options = { connection: 1, nextId: () => ++ids, ...(messageLimit !== undefined && { messageLimit }) }
  const reader = kafkaProtocol.createReader(options, (event: CallEvent) => {
    if (event.type === 'open') opened.push(event.id)
    else if (event.type === 'call') calls.push(event.call)
    else if (event.type === 'gap') gaps.push(event.reason)
  })
  for (const { from, bytes } of parts) reader.push(from, bytes, 10)
  return { reader, calls, gaps, opened }
}

const whole = read(conversation).calls

describe('the reader of Kafka', () => {
  it('tells a conversation as calls: each record written by itself, records read for each partition', () => {
    expect(
      whole.map(({ operation, request, response, lifetime }) => ({ operation, request, response, lifetime })).slice(2),
    ).toEqual([
      {
        operation: 'Produce',
        request: { api: 'Produce', topic: 'orders', key: 'a', value: 'one', headers: [{ name: 'by', value: 'test' }] },
        response: { partition: 0, offset: 40 },
        lifetime: 'test',
      },
      {
        operation: 'Produce',
        request: { api: 'Produce', topic: 'orders', value: 'two' },
        response: { partition: 0, offset: 41 },
        lifetime: 'test',
      },
      {
        operation: 'Fetch',
        request: { api: 'Fetch', topic: 'orders', partition: 0, offset: 40 },
        response: {
          records: [
            { offset: 40, timestamp: 1_700_000_000_040, key: 'a', value: 'one' },
            { offset: 41, timestamp: 1_700_000_000_041, value: 'two' },
          ],
        },
        lifetime: 'test',
      },
      {
        operation: 'CreateTopics',
        request: {
          api: 'CreateTopics',
          topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
          validateOnly: false,
        },
        response: {
          topics: [
            {
              name: 'new',
              errorCode: 36,
              errorMessage: 'it exists',
              numPartitions: 1,
              replicationFactor: 1,
              configs: null,
            },
          ],
        },
        lifetime: 'test',
      },
    ])
    expect(whole.slice(0, 2).map(({ operation, lifetime }) => [operation, lifetime])).toEqual([
      ['ApiVersions', 'connection'],
      ['Metadata', 'session'],
    ])
  })

  it('does not care how bytes are cut', () => {
    for (let size = 1; size < 60; size++) {
      const cut = conversation.flatMap(({ from, bytes }) =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
          from,
          bytes: bytes.subarray(index * size, (index + 1) * size),
        })),
      )
      expect(read(cut)).toMatchObject({ calls: whole, gaps: [] })
    }
  })

  it('tells every call that was begun once, wherever a conversation breaks off', { timeout: 30_000 }, () => {
    for (const [index, { from, bytes }] of conversation.entries()) {
      for (let length = 0; length < bytes.length; length++) {
        for (const state of ['aborted', 'open'] as const) {
          const { reader, calls, opened, gaps } = read([
            ...conversation.slice(0, index),
            { from, bytes: bytes.subarray(0, length) },
          ])
          if (state === 'aborted') reader.abort(20)
          else reader.stop(20)
          expect(new Set(calls.map(({ id }) => id))).toEqual(new Set(opened))
          expect(calls).toHaveLength(opened.length)
          expect(gaps).toEqual([])
          expect(calls.filter((call) => call.state !== 'complete').every((call) => call.state === state)).toBe(true)
        }
      }
    }
  })

  it('keeps requests and versions that it does not know as bytes', () => {
    const unknown = Buffer.concat([
      Buffer.from([0, 0, 0, 16, 0, 99, 0, 3, 0, 0, 0, 1, 0, 1, 0x63]),
      Buffer.from([1, 2, 0xff, 4, 5]),
    ])
    const { calls, gaps } = read([
      { from: 'client', bytes: unknown },
      { from: 'server', bytes: Buffer.from([0, 0, 0, 6, 0, 0, 0, 1, 0xff, 9]) },
    ])
    expect(gaps).toEqual([])
    expect(calls).toMatchObject([
      {
        operation: 'api 99',
        request: { api: 'api 99', version: 3, body: new Uint8Array([1, 2, 0xff, 4, 5]) },
        response: new Uint8Array([0xff, 9]),
      },
    ])
  })

  it('never keeps what a login is made of', () => {
    const parts: Part[] = [
      { from: 'client', bytes: ask('SaslHandshake', 1, 1, { mechanism: 'PLAIN' }) },
      { from: 'server', bytes: tell('SaslHandshake', 1, 1, { errorCode: 0, mechanisms: ['PLAIN'] }) },
      { from: 'client', bytes: ask('SaslAuthenticate', 2, 2, { authBytes: '\0ann\0hunter2' }) },
      {
        from: 'server',
        bytes: tell('SaslAuthenticate', 2, 2, { errorCode: 0, authBytes: 'proof', sessionLifetimeMs: 5 }),
      },
      {
        from: 'client',
        bytes: Buffer.concat([Buffer.from([0, 0, 0, 17, 0, 36, 0, 60, 0, 0, 0, 3, 0, 0]), Buffer.from('hunter2')]),
      },
      { from: 'server', bytes: Buffer.from([0, 0, 0, 5, 0, 0, 0, 3, 1]) },
      {
        from: 'client',
        bytes: Buffer.concat([Buffer.from([0, 0, 0, 17, 0, 51, 0, 0, 0, 0, 0, 4, 0, 0]), Buffer.from('hunter2')]),
      },
      { from: 'server', bytes: Buffer.from([0, 0, 0, 5, 0, 0, 0, 4, 1]) },
    ]
    const { calls, gaps } = read(parts)
    expect(gaps).toEqual([])
    expect(calls.map(({ request, response }) => ({ request, response })).slice(1)).toEqual([
      { request: { api: 'SaslAuthenticate', mechanism: 'PLAIN', username: 'ann' }, response: { errorCode: 0 } },
      { request: { api: 'api 36', version: 60 }, response: undefined },
      { request: { api: 'api 51', version: 0 }, response: undefined },
    ])
    expect(JSON.stringify(calls)).not.toMatch(/hunter2|proof/)
  })

  it('keeps the positions of a fetch session, which later requests do not repeat', () => {
    const body = fetchedBody('orders', [record(5, 'k', 'v')])
    const { calls } = read([
      { from: 'client', bytes: ask('Fetch', 11, 1, fetchBody('orders', 5, { sessionEpoch: 0 })) },
      { from: 'server', bytes: tell('Fetch', 11, 1, { responses: [] }) },
      { from: 'client', bytes: ask('Fetch', 11, 2, { sessionEpoch: 1, topics: [], isolationLevel: 1 }) },
      { from: 'server', bytes: tell('Fetch', 11, 2, body) },
    ])
    expect(calls).toMatchObject([{ request: { topic: 'orders', partition: 0, offset: 5 } }])
  })

  it('knows topics by their ids, also from what another connection was told', () => {
    const topicId = Buffer.alloc(16, 7).toString('base64url')
    read([
      { from: 'client', bytes: ask('Metadata', 12, 1, { topics: null }) },
      {
        from: 'server',
        bytes: tell('Metadata', 12, 1, { brokers: [], topics: [{ name: 'by-id', topicId, partitions: [] }] }),
      },
    ])
    const partition = { partitionIndex: 0, records: writeBatch([record(5, 'k', 'v')]) }
    const written = { index: 0, records: writeBatch([record(0, 'k', 'v')]) }
    const { calls, gaps } = read([
      {
        from: 'client',
        bytes: ask('Fetch', 17, 1, {
          sessionEpoch: -1,
          topics: [{ topicId, partitions: [{ partition: 0, fetchOffset: 5 }] }],
        }),
      },
      { from: 'server', bytes: tell('Fetch', 17, 1, { responses: [{ topicId, partitions: [partition] }] }) },
      {
        from: 'client',
        bytes: ask('Produce', 13, 2, { acks: -1, topicData: [{ topicId, partitionData: [written] }] }),
      },
      {
        from: 'server',
        bytes: tell('Produce', 13, 2, {
          responses: [{ topicId, partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 6 }] }],
        }),
      },
    ])
    expect(gaps).toEqual([])
    expect(calls).toMatchObject([
      {
        request: { api: 'Fetch', topic: 'by-id', partition: 0, offset: 5 },
        response: { records: [{ offset: 5, value: 'v' }] },
      },
      { request: { api: 'Produce', topic: 'by-id', key: 'k', value: 'v' }, response: { partition: 0, offset: 6 } },
    ])
  })

  it('needs no answer where none is due', () => {
    const { calls } = read([
      { from: 'client', bytes: ask('Produce', 7, 1, produceBody('orders', [record(0, null, 'x')], { acks: 0 })) },
    ])
    expect(calls).toMatchObject([{ state: 'complete', request: { value: 'x', acks: 0 } }])
    expect(calls[0]).not.toHaveProperty('response')
  })

  it.each([0x7fffffff, -1, -0x80000000, 0, 3])('gives up once on a message of %i bytes', (length) => {
    for (const from of ['client', 'server'] as const) {
      const bytes = Buffer.alloc(40)
      bytes.writeInt32BE(length)
      const { gaps, reader } = read([
        { from, bytes },
        { from, bytes },
      ])
      reader.end('server', 30)
      expect(gaps).toHaveLength(1)
    }
  })

  it('keeps no more of a message than its limit', () => {
    expect(read(conversation, 100).gaps).toHaveLength(1)
  })

  it('never throws, whatever comes from wherever', () => {
    const valid = conversation.map(({ bytes }) => bytes)
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each)),
      fc.constantFrom(...valid),
    )
    const part = fc.record({ from: fc.constantFrom('client' as const, 'server' as const), bytes: piece })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const { reader, gaps, calls, opened } = read(parts)
        reader.abort(1)
        expect(gaps.length).toBeLessThan(2)
        expect(calls).toHaveLength(opened.length)
      }),
      { numRuns: 500 },
    )
  })

  it('never throws when single bytes of a conversation change', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(fc.nat(conversation.length - 1), fc.nat(400), fc.nat(255), (index, at, byte) => {
        const parts = conversation.map((part, each) => {
          const bytes = Buffer.from(part.bytes)
          if (each === index) bytes[at % bytes.length] = byte
          return { ...part, bytes }
        })
        const { calls, opened, reader } = read(parts)
        reader.stop(1)
        expect(calls).toHaveLength(opened.length)
      }),
      { numRuns: 400 },
    )
  })
})

describe('the first bytes of Kafka', () => {
  it('are known, as soon as they tell', () => {
    const [first] = conversation
    const bytes = first?.bytes ?? Buffer.alloc(0)
    expect(kafkaProtocol.detect(bytes)).toBe('yes')
    for (let length = 0; length < 12; length++) expect(kafkaProtocol.detect(bytes.subarray(0, length))).toBe('more')
  })

  it.each([
    'GET / HTTP/1.1\r\n',
    'AMQP\0\0\u0009\u0001',
    '*1\r\n$4\r\nPING\r\n',
    '\0\0\0\u0029\0\u0003\0\0user\0ann\0database\0shop\0\0',
    '\0\0\0\u0008\u0004\u00d2\u0016\u002f',
    '\u003a\0\0\0\u0001\0\0\0\0\0\0\0\u00dd\u0007\0\0',
    '\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003',
  ])('are not those of %j', (text) => {
    expect(kafkaProtocol.detect(Buffer.from(text, 'latin1'))).toBe('no')
  })
})
