import { describe, expect, it } from 'vitest'

import type { MockSource } from '../protocol/mock-codec.ts'
import { postgresProtocol } from './postgres-protocol.ts'

function document(requests: object, responses: object): MockSource {
  return {
    kind: 'Postgres',
    spec: { postgresrequests: [requests as never], postgresresponses: [responses as never] },
    lifetime: 'test',
  }
}

const prepare = (name: string, sql: string): MockSource =>
  document(
    { header: ['P', 'D'], parse: [{ name, query: sql, parameter_oids: [] }], describe: { object_type: 83, name } },
    {
      header: ['1', 't', 'T', 'Z'],
      parameter_description: { parameteroids: [23] },
      row_description: { fields: [{ field_name: 'name', data_type_oid: 25, data_type_size: -1, type_modifier: -1 }] },
      ready_for_query: { txstatus: 73 },
    },
  )
const execute = (name: string): MockSource =>
  document(
    {
      header: ['B', 'E'],
      bind: [{ prepared_statement: name, parameters: [[55]] }],
      execute: [{}],
    },
    {
      header: ['2', 'D', 'C', 'Z'],
      data_row: [{ row_values: ['Ada'] }],
      command_complete: [{ command_tag_type: 'SELECT 1' }],
      ready_for_query: { txstatus: 73 },
    },
  )

describe('documents of Postgres that only name a statement', () => {
  it('get its text and columns from the documents before, each connection on its own', () => {
    const tracker = postgresProtocol.mocks.createTracker?.()
    const sequence: (readonly [MockSource, string])[] = [
      [prepare('s', 'select name from a where id = $1'), '0'],
      [prepare('s', 'select name from b where id = $1'), '1'],
      [execute('s'), '0'],
      [execute('s'), '1'],
      [prepare('s', 'select name from c where id = $1'), '0'],
      [execute('s'), '0'],
      [execute('s'), '2'],
    ]
    const contexts = sequence.map(([mock, connection]) => tracker?.see(mock, connection))
    // Decoded last to first: a context does not change with what comes later.
    const decoded = sequence.map(([mock], index) => [mock, contexts[index]] as const).toReversed()
    const found = decoded.map(([mock, context]) => postgresProtocol.mocks.decode(mock, context)).toReversed()
    const call = (table: string): object => ({
      calls: [
        {
          protocol: 'postgres',
          operation: 'SELECT',
          request: { sql: `select name from ${table} where id = $1`, params: ['7'] },
          response: { columns: [{ name: 'name', type: 'text' }], rows: [['Ada']], tag: 'SELECT 1' },
          lifetime: 'test',
        },
      ],
    })
    expect(found[2]).toEqual(call('a'))
    expect(found[3]).toEqual(call('b'))
    expect(found[5]).toEqual(call('c'))
    expect(found[6]).toEqual({ problem: 'bind names a statement whose SQL stands in no document before it' })
    expect(found[0]).toMatchObject({ calls: [{ operation: 'describe' }] })
  })
})

describe('documents of Postgres with rows in binary form', () => {
  it('give the values that their base64 stands for, and text that only looks like it as it is', () => {
    const mock = document(
      {
        header: ['P', 'D', 'B', 'E'],
        parse: [{ query: 'select id, note from a' }],
        describe: { object_type: 83 },
        bind: [{ result_format_codes: [1, 0] }],
        execute: [{}],
      },
      {
        header: ['1', 't', 'T', '2', 'D', 'D', 'C', 'Z'],
        parameter_description: {},
        row_description: {
          fields: [
            { field_name: 'id', data_type_oid: 23, data_type_size: 4, type_modifier: -1 },
            { field_name: 'note', data_type_oid: 25, data_type_size: -1, type_modifier: -1 },
          ],
        },
        data_row: [{ row_values: ['b64:AAAAKg==', 'b64:ä'] }, { row_values: ['b64:AAAAKw==', null] }],
        command_complete: [{ command_tag_type: 'SELECT 2' }],
        ready_for_query: { txstatus: 73 },
      },
    )
    expect(postgresProtocol.mocks.decode(mock)).toMatchObject({
      calls: [
        { operation: 'describe' },
        {
          response: {
            rows: [
              ['42', 'b64:ä'],
              ['43', null],
            ],
          },
        },
      ],
    })
  })
})

describe('old documents of Postgres', () => {
  it('give the names of columns and the tag that stand as lists of their bytes', () => {
    const bytes = (text: string): number[] => [...Buffer.from(text)]
    const mock = document(
      { header: ['Q'], query: { string: 'select name from a' } },
      {
        header: ['T', 'D', 'C', 'Z'],
        row_description: {
          fields: [{ name: bytes('näme'), data_type_oid: 25, data_type_size: -1, type_modifier: -1 }],
        },
        data_row: [{ values: [bytes('Ada')] }],
        command_complete: [{ command_tag: bytes('SELECT 1') }],
        ready_for_query: { txstatus: 73 },
      },
    )
    expect(postgresProtocol.mocks.decode(mock)).toMatchObject({
      calls: [{ response: { columns: [{ name: 'näme' }], rows: [['Ada']], tag: 'SELECT 1' } }],
    })
  })
})
