import type { CallContent, Value } from '@keploy-framework/format'

import type { DecodedMock, MockSpec } from '../../protocol/mock-codec.ts'
import { isTree, toValue } from '../../protocol/value.ts'
import { parameterShape } from '../cells.ts'
import { typeName } from '../column-types.ts'
import { statementLifetime, statementWord } from '../lifetimes.ts'
import type { Tree } from '../outcome.ts'
import { parameterTypeText } from '../parameters.ts'
import { field, listField, numberField, textField } from './loose-fields.ts'
import {
  readCell,
  readColumn,
  readError,
  readLogin,
  readOk,
  readPackets,
  readRows,
  readServer,
  type DocumentPacket,
} from './read-packets.ts'

type Lifetime = CallContent['lifetime']

const simple: Readonly<Record<string, string>> = {
  COM_PING: 'ping',
  COM_RESET_CONNECTION: 'reset connection',
  COM_STATISTICS: 'statistics',
  COM_DEBUG: 'debug',
}
const silent = new Set(['COM_STMT_CLOSE', 'COM_QUIT', 'COM_STMT_SEND_LONG_DATA', 'Unknown', 'UNKNOWN PACKET'])

/** Reads a document of Keploy's kinds `MySQL` and `SQL`, of every generation that is known. */
export function readDocument(mock: MockSpec & { readonly lifetime: Lifetime }): DecodedMock {
  const spec = toValue(mock.spec)
  const metadata = field(spec, 'metadata')
  const sdk = field(metadata, 'query')
  if (sdk !== undefined && field(spec, 'requests') === undefined)
    return readSdk(spec, textField(metadata, 'query'), mock.lifetime)
  const asked = readPackets(field(spec, 'requests'))
  const answered = readPackets(field(spec, 'responses'))
  if (typeof asked === 'string') return { problem: asked }
  if (typeof answered === 'string') return { problem: answered }
  const login = asked.find(({ type }) => isType(type, 'HandshakeResponse41', 'HANDSHAKE_RESPONSE'))
  const greeting = answered.find(({ type }) => isType(type, 'HandshakeV10', 'MySQLHandshakeV10'))
  if (login !== undefined || greeting !== undefined) return { calls: [readConnect(asked, answered, login, greeting)] }
  const [first] = asked
  if (first === undefined) return { problem: 'spec.requests is empty' }
  if (silent.has(first.type)) return { calls: [] }
  const ended = mock.metadata?.['ended']
  const call = readCommandDocument(first, readResponse(answered), mock)
  if (typeof call === 'string') return { problem: call }
  return { calls: [{ ...call, ...((ended === 'end' || ended === 'reset') && { ended }) }] }
}

function isType(type: string, ...names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === type.toLowerCase())
}

function readConnect(
  asked: readonly DocumentPacket[],
  answered: readonly DocumentPacket[],
  login: DocumentPacket | undefined,
  greeting: DocumentPacket | undefined,
): CallContent {
  const changed = answered.find(({ type }) => isType(type, 'AuthSwitchRequest', 'AUTH_SWITCH_REQUEST'))
  const ok = answered.find(({ type }) => isType(type, 'OK', 'MySQLOK'))
  const error = answered.find(({ type }) => isType(type, 'ERR', 'MySQLErr'))
  const tls = asked.some(({ type }) => isType(type, 'SSLRequest'))
  return {
    protocol: 'mysql',
    operation: 'connect',
    request: login === undefined ? {} : readLogin(login.message, tls),
    response: {
      ...(greeting !== undefined && { server: readServer(greeting.message) }),
      ...(changed !== undefined && { switchedTo: textField(changed.message, 'plugin_name') }),
      ...(ok !== undefined && { ok: readOk(ok.message) }),
      ...(error !== undefined && { error: readError(error.message) }),
    },
    lifetime: 'connection',
  }
}

function readResponse(packets: readonly DocumentPacket[]): Value | undefined {
  const results: Tree[] = []
  for (const { type, message } of packets) {
    if (isType(type, 'OK', 'MySQLOK')) results.push({ ok: readOk(message) })
    else if (isType(type, 'ERR', 'MySQLErr')) results.push({ error: readError(message) })
    else if (isType(type, 'EOF')) results.push({ eof: {} })
    else if (isType(type, 'TextResultSet', 'BinaryProtocolResultSet', 'RESULT_SET_PACKET'))
      results.push(readRows(message).result)
    else if (isType(type, 'COM_STMT_PREPARE_OK')) results.push(readPrepared(message))
    else if (isType(type, 'LOCAL_INFILE', 'LocalInFile')) continue
    else if (typeof message === 'string') results.push({ text: message })
  }
  return results.length === 0 ? undefined : results.length === 1 ? results[0] : results
}

function readPrepared(message: Value): Tree {
  const warnings = numberField(message, 'warning_count')
  return {
    parameters: listField(message, 'param_definitions').map((column) => readColumn(column)),
    columns: listField(message, 'column_definitions').map((column) => readColumn(column)),
    ...(warnings !== 0 && { warnings }),
    statement: numberField(message, 'statement_id'),
  }
}

function readCommandDocument(
  { type, message }: DocumentPacket,
  response: Value | undefined,
  mock: MockSpec & { readonly lifetime: Lifetime },
): CallContent | string {
  const answered = response !== undefined && { response }
  const { lifetime } = mock
  const operation = simple[type.toUpperCase()]
  if (operation !== undefined) {
    const own = operation === 'reset connection' ? 'connection' : 'session'
    return { protocol: 'mysql', operation, request: { command: operation }, lifetime: own, ...answered }
  }
  if (isType(type, 'COM_QUERY', 'MySQLQuery')) {
    const sql = textField(message, 'query')
    const attributes = field(message, 'attributes')
    return statement({ sql, ...(attributes !== undefined && { attributes }) }, lifetime, response)
  }
  if (isType(type, 'COM_INIT_DB')) {
    return {
      protocol: 'mysql',
      operation: 'use',
      request: { use: textField(message, 'schema') },
      lifetime: 'connection',
      ...answered,
    }
  }
  if (isType(type, 'COM_STMT_PREPARE')) {
    const own = ownStatement(mock) !== undefined && isTree(response)
    const { statement: number, ...rest } = own ? response : {}
    const told = own && number !== undefined ? { response: rest } : answered
    return {
      protocol: 'mysql',
      operation: 'prepare',
      request: { prepare: textField(message, 'query') },
      lifetime: 'session',
      ...told,
    }
  }
  if (isType(type, 'COM_STMT_EXECUTE')) return readExecuteDocument(message, response, mock)
  return `the packet type ${type} of spec.requests is not known`
}

/** The SQL of a prepared statement, which our own documents name beside its number. */
function ownStatement(mock: MockSpec): string | undefined {
  return mock.metadata?.['statement']
}

function readExecuteDocument(
  message: Value,
  response: Value | undefined,
  mock: MockSpec & { readonly lifetime: Lifetime },
): CallContent {
  const parameters = listField(message, 'parameters')
  const types = parameters.map((one) => ({ type: numberField(one, 'type'), unsigned: field(one, 'unsigned') === true }))
  const params = parameters.map((one, index) => {
    const { type = 253, unsigned = false } = types[index] ?? {}
    return readCell(field(one, 'value'), parameterShape(typeName(type), unsigned))
  })
  const sql = ownStatement(mock)
  const named = types.length > 0 && { types: types.map(parameterTypeText) }
  if (sql !== undefined) {
    const cursor = (numberField(message, 'flags') & 7) !== 0
    return statement({ sql, params, ...named, ...(cursor && { cursor }) }, mock.lifetime, response)
  }
  const request = { statement: numberField(message, 'statement_id'), params, ...named }
  const { lifetime } = mock
  return { protocol: 'mysql', operation: 'execute', request, lifetime, ...(response !== undefined && { response }) }
}

function statement(request: Tree, lifetime: Lifetime, response: Value | undefined): CallContent {
  const { sql } = request
  const text = typeof sql === 'string' ? sql : ''
  const own = statementLifetime(text)
  return {
    protocol: 'mysql',
    operation: statementWord(text),
    request,
    lifetime: own === 'test' ? lifetime : own,
    ...(response !== undefined && { response }),
  }
}

/** Documents of Keploy's SDK for Go: a query and what the driver gave for it. */
function readSdk(spec: Value, sql: string | Uint8Array, lifetime: Lifetime): DecodedMock {
  const table = field(spec, 'table')
  if (!isTree(table)) {
    const affectedRows = numberField(spec, 'int')
    const errors = listField(spec, 'error').filter(
      (one): one is string => typeof one === 'string' && one !== '' && one !== 'nil',
    )
    const response =
      errors.length > 0
        ? { error: { code: 1105, sqlState: 'HY000', message: errors.join('; ') } }
        : { ok: { affectedRows, insertId: 0 } }
    return { calls: [statement({ sql }, lifetime, response)] }
  }
  const columns = listField(table, 'cols').map((column) => ({
    name: textField(column, 'name'),
    type: 'varstring',
    charset: 255,
    length: 65535,
  }))
  const rows = listField(table, 'rows')
  if (rows.some((row) => !Array.isArray(row))) return { problem: 'spec.table.rows has rows that are no lists' }
  return { calls: [statement({ sql }, lifetime, { columns, rows })] }
}
