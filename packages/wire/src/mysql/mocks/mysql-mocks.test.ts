import type { CallContent, Value } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import type { MockSource } from '../../protocol/mock-codec.ts'
import { mysqlMocks } from './mysql-mocks.ts'

const columns = [
  { name: 'id', type: 'longlong', schema: 'shop', table: 'users', charset: 63, length: 20, flags: 16931 },
  { name: 'born', type: 'datetime', charset: 63, length: 19 },
  { name: 'photo', type: 'blob', charset: 63, length: 65535, flags: 144 },
  { name: 'bits', type: 'bit', charset: 63, length: 12, flags: 32 },
]
const rows = [
  ['9007199254740993', '2024-01-02 03:04:05', new Uint8Array([255, 0]), 2730],
  [1, null, 'text', null],
]
const statement = { sql: 'SELECT * FROM users WHERE id = ?', params: [7], types: ['longlong unsigned'] }

const calls: readonly (readonly [string, CallContent])[] = [
  [
    'a query',
    {
      protocol: 'mysql',
      operation: 'SELECT',
      request: { sql: 'SELECT 1' },
      response: { columns, rows },
      lifetime: 'test',
    },
  ],
  [
    'an execution',
    {
      protocol: 'mysql',
      operation: 'SELECT',
      request: statement,
      response: { columns, rows, status: 'autocommit no-index' },
      lifetime: 'test',
    },
  ],
  [
    'several results',
    {
      protocol: 'mysql',
      operation: 'UPDATE',
      request: { sql: 'UPDATE users SET id = 1; SELECT 1' },
      response: [
        {
          ok: {
            affectedRows: 1,
            insertId: 0,
            info: 'Rows matched: 1',
            session: [{ schema: 'shop' }],
            status: 'autocommit session-changed',
          },
        },
        { columns, rows },
      ],
      lifetime: 'test',
    },
  ],
  [
    'an error',
    {
      protocol: 'mysql',
      operation: 'INSERT',
      request: { sql: 'INSERT' },
      response: { error: { code: 1062, sqlState: '23000', message: 'Duplicate' } },
      lifetime: 'test',
      ended: 'end',
    },
  ],
  [
    'a preparation',
    {
      protocol: 'mysql',
      operation: 'prepare',
      request: { prepare: statement.sql },
      response: { parameters: [columns[0]!], columns },
      lifetime: 'session',
    },
  ],
  [
    'a ping',
    {
      protocol: 'mysql',
      operation: 'ping',
      request: { command: 'ping' },
      response: { ok: { affectedRows: 0, insertId: 0 } },
      lifetime: 'session',
    },
  ],
  [
    'a login',
    {
      protocol: 'mysql',
      operation: 'connect',
      request: {
        user: 'ada',
        database: 'shop',
        plugin: 'client_ed25519',
        charset: 45,
        maxPacket: 1,
        capabilities: 2 ** 34 + 2 ** 31,
        tls: true,
        attributes: { _client_name: 'x' },
      },
      response: {
        server: { version: '5.5.5', capabilities: 2 ** 35, charset: 45, plugin: 'mysql_native_password' },
        switchedTo: 'mysql_native_password',
        ok: { affectedRows: 0, insertId: 0 },
      },
      lifetime: 'connection',
    },
  ],
]

describe('documents of MySQL', () => {
  it.each(calls)('hold %s, and give it back', (_name, call) => {
    const written = mysqlMocks.encode(call)
    expect(written.kind).toBe('MySQL')
    expect(mysqlMocks.decode({ ...written, lifetime: call.lifetime })).toEqual({ calls: [call] })
    expect(mysqlMocks.encode(call)).toEqual(written)
  })

  it('number packets as a server does', () => {
    const { spec } = mysqlMocks.encode(calls[0]![1])
    expect(spec['responses']).toMatchObject([
      {
        header: { header: { payload_length: 1, sequence_id: 1 }, packet_type: 'TextResultSet' },
        message: {
          columnCount: 4,
          columns: [{ header: { sequence_id: 2 } }, {}, {}, { header: { sequence_id: 5 } }],
          eofAfterColumns: [5, 0, 0, 6, 254, 0, 0, 2, 0],
          rows: [{ header: { sequence_id: 7 } }, { header: { payload_length: 9, sequence_id: 8 } }],
          FinalResponse: { data: [5, 0, 0, 9, 254, 0, 0, 2, 0], type: 'EOF' },
        },
      },
    ])
  })

  it('are of the kind Call where that of MySQL has no place', () => {
    const call: CallContent = {
      protocol: 'mysql',
      operation: 'LOAD',
      request: { sql: 'LOAD DATA' },
      response: { infile: 'a.csv', ok: { affectedRows: 1, insertId: 0 } },
      lifetime: 'test',
    }
    const written = mysqlMocks.encode(call)
    expect(written.kind).toBe('Call')
    expect(mysqlMocks.decode({ ...written, lifetime: 'test' })).toEqual({ calls: [call] })
  })

  it('of early versions are read, in their names', () => {
    const header = (packet_type: string): { readonly packet_type: string; readonly packet_length: number } => ({
      packet_length: 1,
      packet_type,
    })
    const column = {
      name: 'id',
      org_name: 'id',
      catalog: 'def',
      column_type: 3,
      character_set: 63,
      column_length: 11,
      flags: 0,
    }
    const spec = {
      requests: [{ header: header('MySQLQuery'), message: { command: 3, query: 'SELECT id FROM t' } }],
      responses: [
        {
          header: header('RESULT_SET_PACKET'),
          message: {
            columns: [column],
            rows: [{ row_column_definition: [{ type: 3, name: 'id', value: '2' }] }],
            optionalEOFBytes: [5, 0, 0, 4, 254, 0, 0, 34, 0],
          },
        },
      ],
    }
    expect(mysqlMocks.decode({ kind: 'SQL', spec, lifetime: 'test' })).toEqual({
      calls: [
        {
          protocol: 'mysql',
          operation: 'SELECT',
          request: { sql: 'SELECT id FROM t' },
          response: {
            columns: [{ name: 'id', type: 'long', charset: 63, length: 11 }],
            rows: [[2]],
            status: 'autocommit no-index',
          },
          lifetime: 'test',
        },
      ],
    })
  })

  it('of executions without their SQL name the statement by its number', () => {
    const header = { header: { payload_length: 1, sequence_id: 0 }, packet_type: 'COM_STMT_EXECUTE' }
    const message = { statement_id: 3, parameters: [{ type: 254, unsigned: false, value: 'x' }] }
    expect(
      mysqlMocks.decode({ kind: 'MySQL', spec: { requests: [{ header, message }], responses: [] }, lifetime: 'test' }),
    ).toMatchObject({
      calls: [{ operation: 'execute', request: { statement: 3, params: ['x'] } }],
    })
  })

  it('of executions get their SQL from the preparation before, of the same connection', () => {
    const packet = (packet_type: string, message: Value) => ({ header: { packet_type }, message })
    const document = (requests: Value, responses: Value): MockSource => ({
      kind: 'MySQL',
      spec: { requests: [requests], responses: [responses] } as MockSource['spec'],
      lifetime: 'test',
    })
    const prepare = (sql: string) =>
      document(
        packet('COM_STMT_PREPARE', { query: sql }),
        packet('COM_STMT_PREPARE_OK', { statement_id: 3, param_definitions: [], column_definitions: [] }),
      )
    const parameters = [{ type: 254, unsigned: false, value: 'x' }]
    const execute = document(
      packet('COM_STMT_EXECUTE', { statement_id: 3, parameters }),
      packet('OK', { affected_rows: 1 }),
    )
    const close = document(packet('COM_STMT_CLOSE', { statement_id: 3 }), null)
    const tracker = mysqlMocks.createTracker?.()
    const asked = [
      [prepare('insert into a values (?)'), '1'],
      [prepare('delete from b where id = ?'), '2'],
      [execute, '1'],
      [execute, '2'],
      [execute, '3'],
      [close, '1'],
      [execute, '1'],
    ] as const
    const decoded = asked.map(([mock, connection]) => mysqlMocks.decode(mock, tracker?.see(mock, connection)))
    const requests = decoded.map((each) =>
      ('calls' in each ? each.calls : []).map(({ operation, request }) => [operation, request]),
    )
    const types = ['string']
    expect(requests.slice(2)).toEqual([
      [['INSERT', { sql: 'insert into a values (?)', params: ['x'], types }]],
      [['DELETE', { sql: 'delete from b where id = ?', params: ['x'], types }]],
      [['execute', { statement: 3, params: ['x'], types }]],
      [],
      [['execute', { statement: 3, params: ['x'], types }]],
    ])
  })

  it('of an unknown packet are a problem that names it', () => {
    const spec = { requests: [{ header: { packet_type: 'COM_NEW' }, message: {} }] }
    expect(mysqlMocks.decode({ kind: 'MySQL', spec, lifetime: 'test' })).toEqual({
      problem: 'the packet type COM_NEW of spec.requests is not known',
    })
  })
})
