import { createHmac, pbkdf2Sync } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'

import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MockServerOptions } from '../../protocol/mock-server.ts'
import { kafkaProtocol } from '../kafka-protocol.ts'
import { readResponse } from '../message.ts'
import { readBatches } from '../records/record-batch.ts'
import { apiNamed } from '../schemas/apis.ts'
import { textOf, type Tree } from '../struct.ts'
import { ask, conversation, fetchBody, produceBody, record } from '../test-messages.ts'

interface Recorded {
  readonly operation: string
  readonly request: Value
  readonly response?: Value
}

/** Servers of one replay, with a clock of their own. */
function replay(recorded: readonly Recorded[], more: Partial<MockServerOptions> = {}) {
  const used = new Set<Recorded>()
  const shared = new Map<string, unknown>()
  const timers = new Set<{ at: number; run: () => void }>()
  let now = 0
  const connect = () => {
    const sent: Buffer[] = []
    const closed: string[] = []
    let ids = 0
    const server = kafkaProtocol.createMockServer({
      answer({ operation, request }) {
        const found = recorded.find(
          (call) => !used.has(call) && call.operation === operation && isDeepStrictEqual(call.request, request),
        )
        if (found === undefined) return { type: 'miss', message: `no answer to ${kafkaProtocol.describe(request)}` }
        used.add(found)
        return { type: 'answer', ...(found.response !== undefined && { response: found.response }) }
      },
      send: (bytes) => sent.push(Buffer.from(bytes)),
      close: (how) => closed.push(how),
      schedule(delayMs, run) {
        const timer = { at: now + delayMs, run }
        timers.add(timer)
        return () => timers.delete(timer)
      },
      startTls: () => undefined,
      address: { host: '127.0.0.1', port: 4711 },
      shared,
      recorded: (operation) => recorded.filter((call) => call.operation === operation),
      ...more,
    })
    /** Sends a request; gives a function that reads its answer, once there is one. */
    const send = (name: string, version: number, body: Tree) => {
      const id = ++ids
      server.push(ask(name, version, id, body))
      return () => {
        const frame = sent.find((each) => each.readInt32BE(4) === id)
        const schema = apiNamed(name)
        return frame === undefined || schema === undefined
          ? undefined
          : readResponse(schema, version, frame.subarray(8))?.body
      }
    }
    return { server, sent, closed, send }
  }
  const pass = (ms: number) => {
    for (const end = now + ms; ;) {
      const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      now = next?.at ?? end
      if (next === undefined) return
      timers.delete(next)
      next.run()
    }
  }
  return { connect, pass, unused: () => recorded.filter((call) => !used.has(call)) }
}

const produced = (value: string, offset: number): Recorded => ({
  operation: 'Produce',
  request: { api: 'Produce', topic: 'orders', value },
  response: { partition: 0, offset },
})
const fetched = (offset: number, ...values: string[]): Recorded => ({
  operation: 'Fetch',
  request: { api: 'Fetch', topic: 'orders', partition: 0, offset },
  response: { records: values.map((value, index) => ({ offset: offset + index, timestamp: 5, value })) },
})

function valuesOf(body: Tree | undefined): string[] {
  const topics = (body?.['responses'] ?? []) as readonly { partitions: readonly { records: Value }[] }[]
  return topics.flatMap(({ partitions }) =>
    partitions.flatMap(({ records }) =>
      records instanceof Uint8Array
        ? readBatches(records).flatMap((batch) => batch.records.map(({ value }) => String(value)))
        : [],
    ),
  )
}

describe('the mock server of Kafka', () => {
  it('offers what it plays and the recorded broker offered, and says so to newer clients', () => {
    const { connect } = replay([
      {
        operation: 'ApiVersions',
        request: {},
        response: {
          errorCode: 0,
          apiKeys: [
            { apiKey: 1, minVersion: 4, maxVersion: 18 },
            { apiKey: 68, minVersion: 0, maxVersion: 1 },
          ],
        },
      },
    ])
    const { send, server, sent } = connect()
    expect(send('ApiVersions', 3, {})()).toMatchObject({
      errorCode: 0,
      apiKeys: [{ apiKey: 1, minVersion: 4, maxVersion: 12 }],
    })
    server.push(Buffer.from([0, 0, 0, 12, 0, 18, 0, 99, 0, 0, 0, 9, 0, 0, 1, 1]))
    expect(sent.at(-1)?.readInt16BE(8)).toBe(35)
  })

  it('leads every topic at its own address, also one that was never recorded', () => {
    const { connect } = replay([
      {
        operation: 'Metadata',
        request: {},
        response: {
          brokers: [
            { nodeId: 3, host: 'a', port: 1 },
            { nodeId: 4, host: 'b', port: 2 },
          ],
          clusterId: 'c',
          topics: [
            {
              errorCode: 0,
              name: 'orders',
              partitions: [
                { partitionIndex: 0, leaderId: 4 },
                { partitionIndex: 1, leaderId: 3 },
              ],
            },
          ],
        },
      },
    ])
    const answer = connect().send('Metadata', 5, {
      topics: [{ name: 'orders' }, { name: 'other' }],
      allowAutoTopicCreation: true,
    })()
    expect(answer).toMatchObject({
      brokers: [{ nodeId: 3, host: '127.0.0.1', port: 4711 }],
      clusterId: 'c',
      topics: [
        {
          name: 'orders',
          partitions: [
            { partitionIndex: 0, leaderId: 3 },
            { partitionIndex: 1, leaderId: 3 },
          ],
        },
        { name: 'other', errorCode: 0, partitions: [{ partitionIndex: 0, leaderId: 3 }] },
      ],
    })
  })

  it('refuses a record that was never written, with a reason where the version has room for one', () => {
    const { connect } = replay([produced('one', 4)])
    const { send } = connect()
    expect(send('Produce', 9, produceBody('orders', [record(0, null, 'one'), record(1, null, 'two')]))()).toMatchObject(
      {
        responses: [
          {
            name: 'orders',
            partitionResponses: [
              { errorCode: -1, errorMessage: 'no answer to Produce orders two', recordErrors: [{ batchIndex: 1 }] },
            ],
          },
        ],
      },
    )
    expect(send('Produce', 2, produceBody('orders', [record(1, null, 'two')]))()).toMatchObject({
      responses: [{ partitionResponses: [{ errorCode: -1, baseOffset: -1 }] }],
    })
  })

  it('gives records out after the service has written them again, with what it wrote now', () => {
    const { connect, pass, unused } = replay([produced('one', 4), fetched(3, 'before', 'one', 'other')])
    const [reader, writer] = [connect(), connect()]
    const first = reader.send('Fetch', 11, fetchBody('orders', 3))
    expect(valuesOf(first())).toEqual(['before'])
    const second = reader.send('Fetch', 11, fetchBody('orders', 4, { maxWaitMs: 1000 }))
    pass(500)
    expect(second()).toBeUndefined()
    writer.send('Produce', 7, produceBody('orders', [record(0, null, 'one')]))
    pass(100)
    expect(valuesOf(second())).toEqual(['one', 'other'])
    expect(unused()).toEqual([])
  })

  it('waits as long as the client wants when nothing is left, and answers requests one after the other', () => {
    const { connect, pass } = replay([])
    const { send } = connect()
    const [waiting, next] = [
      send('Fetch', 4, fetchBody('orders', 0)),
      send('Heartbeat', 0, { groupId: 'g', memberId: 'x' }),
    ]
    pass(99)
    expect([waiting(), next()]).toEqual([undefined, undefined])
    pass(1)
    expect(waiting()).toMatchObject({ responses: [{ partitions: [{ errorCode: 0 }] }] })
    expect(next()).toMatchObject({ errorCode: 25 })
  })

  it('gives records out again that were given out before', () => {
    const { connect } = replay([fetched(3, 'a', 'b')])
    const { send } = connect()
    expect(valuesOf(send('Fetch', 11, fetchBody('orders', 0))())).toEqual(['a', 'b'])
    expect(valuesOf(send('Fetch', 11, fetchBody('orders', 4))())).toEqual(['b'])
    expect(valuesOf(send('Fetch', 11, fetchBody('orders', 3))())).toEqual(['a', 'b'])
  })

  it('joins the members of a group over several connections, and starts again when one is gone', () => {
    const { connect, pass } = replay([])
    const [one, two] = [connect(), connect()]
    const body = {
      groupId: 'g',
      sessionTimeoutMs: 9,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: 'm' }],
    }
    const joins = [one.send('JoinGroup', 5, body), two.send('JoinGroup', 5, body)]
    expect(joins.map((join) => join())).toEqual([undefined, undefined])
    pass(50)
    const [leader, follower] = joins.map((join) => join())
    expect(leader).toMatchObject({
      errorCode: 0,
      generationId: 1,
      protocolName: 'range',
      members: [{ metadata: 'm' }, {}],
    })
    expect(follower).toMatchObject({ leader: leader?.['memberId'], members: [] })
    const member = (of: Tree | undefined) => ({ groupId: 'g', generationId: 1, memberId: of?.['memberId'] ?? '' })
    const waiting = two.send('SyncGroup', 3, member(follower))
    expect(waiting()).toBeUndefined()
    one.send('SyncGroup', 3, {
      ...member(leader),
      assignments: [leader, follower].map((each, index) => ({
        memberId: each?.['memberId'] ?? '',
        assignment: `part ${index}`,
      })),
    })
    expect(waiting()).toMatchObject({ errorCode: 0, assignment: 'part 1' })
    expect(two.send('Heartbeat', 3, member(follower))()).toMatchObject({ errorCode: 0 })
    expect(two.send('Heartbeat', 3, { ...member(follower), generationId: 7 })()).toMatchObject({ errorCode: 22 })
    one.server.close()
    expect(two.send('Heartbeat', 3, member(follower))()).toMatchObject({ errorCode: 27 })
    const again = two.send('JoinGroup', 5, { ...body, memberId: follower?.['memberId'] ?? '' })
    expect(again()).toMatchObject({ generationId: 2, leader: follower?.['memberId'] })
    two.send('LeaveGroup', 1, member(follower))
    expect(two.send('Heartbeat', 3, member(follower))()).toMatchObject({ errorCode: 25 })
  })

  it('knows the offsets of a group as they were recorded, until they are committed', () => {
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 12, errorCode: 0 }] }]
    const { connect } = replay([{ operation: 'OffsetFetch', request: { groupId: 'g' }, response: { topics } }])
    const { send } = connect()
    const fetchOffset = () =>
      send('OffsetFetch', 8, { groups: [{ groupId: 'g', topics: [{ name: 'orders', partitionIndexes: [0, 1] }] }] })()
    expect(fetchOffset()).toMatchObject({
      groups: [{ topics: [{ partitions: [{ committedOffset: 12 }, { committedOffset: -1 }] }] }],
    })
    expect(send('OffsetFetch', 3, { groupId: 'g', topics: null })()).toMatchObject({
      topics: [{ partitions: [{ committedOffset: 12 }] }],
    })
    send('OffsetCommit', 5, {
      groupId: 'g',
      topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 15 }] }],
    })
    expect(fetchOffset()).toMatchObject({ groups: [{ topics: [{ partitions: [{ committedOffset: 15 }, {}] }] }] })
  })

  it('says where topics begin and end as recorded, answer by answer', () => {
    const asked = { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }] }
    const said = (offset: number): Recorded => ({
      operation: 'ListOffsets',
      request: asked,
      response: { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, errorCode: 0, offset }] }] },
    })
    const { connect } = replay([said(3), said(8), fetched(3, 'a')])
    const { send } = connect()
    const offsets = [1, 2, 3].map(() => JSON.stringify(send('ListOffsets', 3, asked)()))
    expect(offsets.map((text) => /"offset":(\d+)/.exec(text)?.[1])).toEqual(['3', '8', '8'])
    const earliest = send('ListOffsets', 3, {
      topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -2 }] }],
    })()
    expect(JSON.stringify(earliest)).toContain('"offset":3')
  })

  it('refuses what was never recorded, for everything that was asked for', () => {
    const { connect } = replay([])
    const { send, closed } = connect()
    expect(send('CreateTopics', 5, { topics: [{ name: 'a' }, { name: 'b' }] })()).toMatchObject({
      topics: [
        { name: 'a', errorCode: -1, errorMessage: expect.stringContaining('CreateTopics') as string },
        { name: 'b', errorCode: -1 },
      ],
    })
    expect(send('DeleteTopics', 3, { topicNames: ['a'] })()).toMatchObject({
      responses: [{ name: 'a', errorCode: -1 }],
    })
    expect(send('EndTxn', 1, { transactionalId: 't', committed: true })()).toMatchObject({ errorCode: -1 })
    expect(send('AddPartitionsToTxn', 1, { v3AndBelowTopics: [{ name: 'a', partitions: [2] }] })()).toMatchObject({
      resultsByTopicV3AndBelow: [{ name: 'a', resultsByPartition: [{ partitionIndex: 2, partitionErrorCode: 0 }] }],
    })
    expect(closed).toEqual([])
  })

  it('answers an API that is not known with its recorded bytes, else closes', () => {
    const request = { api: 'api 99', version: 1, body: 'abc' }
    const { connect } = replay([{ operation: 'api 99', request, response: 'xyz' }])
    const { server, sent, closed } = connect()
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 13, 0, 99, 0, 1, 0, 0, 0, 5, 0, 0]), Buffer.from('abc')])
    server.push(frame)
    expect(sent.map(String)).toEqual(['\0\0\0\u0007\0\0\0\u0005xyz'])
    server.push(frame)
    expect(closed).toEqual(['end'])
  })

  it('proves with SCRAM that it knows the password of the service', () => {
    const { connect } = replay([], { credentials: { username: 'ann', password: 'pencil' } })
    const { send } = connect()
    send('SaslHandshake', 1, { mechanism: 'SCRAM-SHA-256' })
    const first = textOf(send('SaslAuthenticate', 1, { authBytes: 'n,,n=ann,r=abc' })()?.['authBytes'])
    const [, nonce = '', salt = ''] = /^r=(abc[^,]+),s=([^,]+),i=4096$/.exec(first) ?? []
    const last = `c=biws,r=${nonce}`
    const salted = pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), 4096, 32, 'sha256')
    const key = createHmac('sha256', salted).update('Server Key').digest()
    const signature = createHmac('sha256', key).update(`n=ann,r=abc,${first},${last}`).digest('base64')
    expect(send('SaslAuthenticate', 1, { authBytes: `${last},p=whatever` })()).toMatchObject({
      errorCode: 0,
      authBytes: `v=${signature}`,
    })
  })

  it('lets in whoever comes without SCRAM, and says what SCRAM needs', () => {
    const { send } = replay([]).connect()
    send('SaslHandshake', 1, { mechanism: 'PLAIN' })
    expect(send('SaslAuthenticate', 1, { authBytes: '\0ann\0secret' })()).toMatchObject({ errorCode: 0 })
    send('SaslHandshake', 1, { mechanism: 'SCRAM-SHA-512' })
    expect(send('SaslAuthenticate', 1, { authBytes: 'n,,n=ann,r=abc' })()).toMatchObject({ errorCode: 58 })
  })

  it('answers the same, however requests are cut', () => {
    const requests = Buffer.concat(conversation.filter(({ from }) => from === 'client').map(({ bytes }) => bytes))
    const answers = (size: number) => {
      const { connect, pass } = replay([])
      const { server, sent } = connect()
      for (let at = 0; at < requests.length; at += size) server.push(requests.subarray(at, at + size))
      pass(1000)
      return Buffer.concat(sent)
    }
    expect(answers(1)).toEqual(answers(requests.length))
    expect(answers(7)).toEqual(answers(requests.length))
  })

  it('never throws, whatever a client sends', () => {
    const bodies = conversation.map(({ bytes }) => bytes)
    const lengths = [0x7fffffff, -1, 0, 7].map((length) => {
      const bytes = Buffer.alloc(30)
      bytes.writeInt32BE(length)
      return bytes
    })
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each)),
      fc.constantFrom(...bodies, ...lengths),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(200), fc.nat(255), (pieces, at, byte) => {
        const { connect, pass } = replay([produced('one', 4), fetched(3, 'a')])
        const { server, closed } = connect()
        for (const each of pieces) {
          const changed = Buffer.from(each)
          if (byte > 128) changed[at % Math.max(1, changed.length)] = byte
          server.push(changed)
        }
        pass(60_000)
        server.end()
        server.close()
        expect(closed.length).toBeLessThan(2)
      }),
      { numRuns: 500 },
    )
  })

  it('never throws on answers of another form than its own', () => {
    const odd = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.integer(),
      fc.constant([]),
      fc.dictionary(
        fc.constantFrom('records', 'offset', 'topics', 'brokers', 'errorCode'),
        fc.oneof(fc.string(), fc.integer(), fc.constant([null]), fc.constant(null)),
      ),
    )
    fc.assert(
      fc.property(odd, (response) => {
        const answer = response as Value
        const { connect, pass } = replay(
          ['Metadata', 'ApiVersions', 'Fetch', 'Produce', 'OffsetFetch', 'ListOffsets'].map((operation) => ({
            operation,
            request: answer,
            response: answer,
          })),
          {
            answer: () => ({ type: 'answer', response: answer }),
          },
        )
        const { server, sent } = connect()
        for (const { from, bytes } of conversation) if (from === 'client') server.push(bytes)
        pass(60_000)
        expect(sent.length).toBe(5)
      }),
      { numRuns: 300 },
    )
  })
})
