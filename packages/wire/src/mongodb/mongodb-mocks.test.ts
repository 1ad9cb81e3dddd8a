import type { CallContent } from '@keploy-framework/format'
import { describe, expect, test } from 'vitest'

import { FLAGS } from './message.ts'
import { mongodbProtocol } from './mongodb-protocol.ts'
import { insert, inserted, msg, OK, read } from './testing/connection.ts'
import { writeMessage } from './write-message.ts'

describe('documents', () => {
  const roundTrip = (call: CallContent): { kind: string; calls: unknown } => {
    const mock = mongodbProtocol.mocks.encode(call)
    const decoded = mongodbProtocol.mocks.decode({ ...mock, lifetime: call.lifetime })
    return { kind: mock.kind, calls: 'calls' in decoded ? decoded.calls : decoded.problem }
  }

  test('calls of every shape are documents of the kind Mongo, and come back equal', () => {
    const { calls } = read(
      [
        ['client', insert],
        ['server', inserted],
        [
          'client',
          msg(3, { insert: 'a', documents: [], writeConcern: { w: 0 }, $db: 'x' }, { flags: FLAGS.moreToCome }),
        ],
        ['client', msg(4, { getMore: 1, $db: 'x' }, { flags: FLAGS.exhaustAllowed })],
        ['server', msg(5, { part: 1 }, { responseTo: 4, flags: FLAGS.moreToCome })],
        ['server', msg(6, { part: 2.5 }, { responseTo: 5 })],
        [
          'client',
          writeMessage({
            requestId: 8,
            responseTo: 0,
            body: { type: 'query', flags: 4, collection: 'admin.$cmd', skip: 0, limit: -1, query: { isMaster: 1 } },
          }),
        ],
        [
          'server',
          writeMessage({
            requestId: 9,
            responseTo: 8,
            body: { type: 'reply', flags: 8, cursor: 0n, startingFrom: 0, documents: [{ ok: OK }] },
          }),
        ],
        ['client', msg(10, { find: 'a', $db: 'x' })],
      ],
      'end',
    )
    expect(calls).toHaveLength(5)
    for (const { id: _, connection: _c, state: _s, startedAt: _a, endedAt: _e, ...call } of calls) {
      expect(roundTrip(call)).toEqual({ kind: 'Mongo', calls: [call] })
    }
  })

  test('what the kind Mongo would not hold is a document of the kind Call', () => {
    const call: CallContent = {
      protocol: 'mongodb',
      operation: 'find',
      request: { command: 'find', database: '', body: { find: 'a' } },
      response: ['odd'],
      lifetime: 'test',
    }
    expect(roundTrip(call)).toEqual({ kind: 'Call', calls: [call] })
  })

  test('files of Keploy are read: sequences, odd case, operations of old servers', () => {
    const decode = (spec: Record<string, unknown>): unknown =>
      mongodbProtocol.mocks.decode({ kind: 'Mongo', spec: spec as never, lifetime: 'test' })
    expect(
      decode({
        Requests: [
          {
            Header: { opcode: 2013 },
            Message: {
              flagbits: 0,
              Sections: [
                '{ SectionSingle msg: {"delete":"a","lsid":{},"$db":"x"} }',
                '{ SectionSingle identifier: deletes , msgs: [ {"q":{"t":{"$date":"1970-01-01T00:00:01Z"}},"limit":{"$numberInt":"1"}} ] }',
              ],
            },
          },
        ],
        responses: [
          { header: { Opcode: 2013 }, message: { sections: ['{ SectionSingle msg: {"n":{"$numberInt":"1"}} }'] } },
        ],
      }),
    ).toEqual({
      calls: [
        {
          protocol: 'mongodb',
          operation: 'delete',
          lifetime: 'test',
          response: { n: 1 },
          request: {
            command: 'delete',
            database: 'x',
            sequences: ['deletes'],
            body: { delete: 'a', deletes: [{ q: { t: { $date: { $numberLong: '1000' } } }, limit: 1 }] },
          },
        },
      ],
    })
    expect(
      decode({
        requests: [
          {
            header: { Opcode: 2002 },
            message: { full_collection_name: 'x.a', documents: ['{"a":{"$numberInt":"1"}}'] },
          },
        ],
      }),
    ).toMatchObject({
      calls: [{ operation: 'OP_INSERT', request: { database: 'x', body: { documents: [{ a: 1 }] } } }],
    })
    expect(decode({})).toEqual({ problem: 'spec.requests is empty' })
    expect(decode({ requests: [{ header: { Opcode: 2013 }, message: { sections: ['{}'] } }] })).toEqual({
      problem: 'spec.requests: a section of message.sections is neither a document nor a sequence',
    })
  })
})
