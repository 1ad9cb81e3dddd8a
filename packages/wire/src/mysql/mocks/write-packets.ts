import type { Value, YamlValue } from '@keploy-framework/format'

import { isTree, textOrBytes } from '../../protocol/value.ts'
import { ByteCursor } from '../byte-cursor.ts'
import { capability } from '../capabilities.ts'
import { typeCode } from '../column-types.ts'
import { columnShape, encodeColumn, isUnsigned } from '../column.ts'
import { encodeEof, encodeOk, numberOf, statusOf, type Tree } from '../outcome.ts'
import { framePacket } from '../packets.ts'
import { encodeResult } from '../result-writer.ts'
import { serverStatus } from '../status.ts'

type Yaml = { readonly [key: string]: YamlValue }

/** Documents hold answers as clients without later capabilities read them. */
const PLAIN = capability.protocol41

export function packet(type: string, length: number, sequence: number, message: YamlValue): Yaml {
  return { header: { header: { payload_length: length, sequence_id: sequence }, packet_type: type }, message }
}

function definition(column: Value, sequence: number): Yaml {
  const tree: Tree = isTree(column) ? column : {}
  const { type, flags, decimals, length } = columnShape(column)
  const initial = tree['default']
  return {
    header: { payload_length: encodeColumn(column, PLAIN).length, sequence_id: sequence },
    catalog: (tree['catalog'] ?? 'def') as YamlValue,
    schema: (tree['schema'] ?? '') as YamlValue,
    table: (tree['table'] ?? '') as YamlValue,
    org_table: (tree['originalTable'] ?? tree['table'] ?? '') as YamlValue,
    name: (tree['name'] ?? '') as YamlValue,
    org_name: (tree['originalName'] ?? tree['name'] ?? '') as YamlValue,
    fixed_length: 12,
    character_set: numberOf(tree['charset']),
    column_length: length,
    type,
    flags,
    decimals,
    filler: [0, 0],
    defaultValue: (initial ?? '') as YamlValue,
    ...(tree['extended'] !== undefined && { extended: tree['extended'] as YamlValue }),
  }
}

/** Writes one result, from the given number on. Gives the next number, too. */
export function writeResult(
  result: Tree,
  sequence: number,
  more: boolean,
  binary: boolean,
): { readonly packet: Yaml; readonly next: number } {
  const flag = more ? serverStatus.moreResults : 0
  if (Array.isArray(result['columns']) || Array.isArray(result['rows']))
    return writeRows(result, sequence, flag, binary)
  const [payload] = encodeResult(result, more, { capabilities: PLAIN, rows: 'text' })
  const length = payload?.length ?? 0
  if (isTree(result['error'])) {
    const { code, sqlState, message } = result['error']
    const state = sqlState === undefined ? {} : { sql_state_marker: '#', sql_state: sqlState as YamlValue }
    const error = { header: 255, error_code: numberOf(code), ...state, error_message: (message ?? '') as YamlValue }
    return { packet: packet('ERR', length, sequence, error), next: sequence + 1 }
  }
  return { packet: packet('OK', length, sequence, okMessage(result['ok'], flag)), next: sequence + 1 }
}

export function okMessage(ok: Value | undefined, flag = 0): Yaml {
  const tree: Tree = isTree(ok) ? ok : {}
  return {
    header: 0,
    affected_rows: (tree['affectedRows'] ?? 0) as YamlValue,
    last_insert_id: (tree['insertId'] ?? 0) as YamlValue,
    status_flags: statusOf(ok) | flag,
    warnings: numberOf(tree['warnings']),
    info: textOrBytes(afterCounts(encodeOk(ok, capability.sessionTrack, statusOf(ok) | flag))),
  }
}

/** What follows the counts of an OK packet. */
function afterCounts(payload: Buffer): Buffer {
  const cursor = new ByteCursor(payload)
  cursor.uint(1)
  cursor.length()
  cursor.length()
  cursor.take(4)
  return cursor.rest()
}

function writeRows(
  result: Tree,
  sequence: number,
  flag: number,
  binary: boolean,
): { readonly packet: Yaml; readonly next: number } {
  const columns = (result['columns'] ?? []) as readonly Value[]
  const rows = (result['rows'] ?? []) as readonly Value[]
  const payloads = encodeResult(result, flag !== 0, { capabilities: PLAIN, rows: binary ? 'binary' : 'text' })
  const ends = sequence + 1 + columns.length
  const before = isTree(result['before']) ? result['before'] : result
  const names = columns.map((column) => (isTree(column) ? (column['name'] as YamlValue) : ''))
  const shapes = columns.map((column) => columnShape(column))
  const last = ends + 1 + rows.length
  // An end that says more than an EOF packet can is kept as the OK packet that it was.
  const rich = ['info', 'session', 'affectedRows', 'insertId'].some((key) => result[key] !== undefined)
  const status = statusOf(result) | flag
  const end = rich ? encodeOk(result, capability.sessionTrack, status, 0xfe) : encodeEof(result['warnings'], status)
  const message = {
    columnCount: columns.length,
    columns: columns.map((column, index) => definition(column, sequence + 1 + index)),
    eofAfterColumns: [...framePacket(encodeEof(before['warnings'], statusOf(before) | flag), ends & 0xff)],
    rows: rows.map((row, index) => ({
      header: {
        payload_length: payloads[columns.length + 2 + index]?.length ?? 0,
        sequence_id: (ends + 1 + index) & 0xff,
      },
      values: shapes.map((shape, at) => ({
        type: shape.type,
        name: names[at] as YamlValue,
        value: ((row as readonly Value[])[at] ?? null) as YamlValue,
        unsigned: isUnsigned(shape),
      })),
      ...(binary && { okAfterRow: true, rowNullBuffer: nullBuffer(row as readonly Value[], shapes.length) }),
    })),
    FinalResponse: { data: [...framePacket(end, last & 0xff)], type: rich ? 'OK' : 'EOF' },
    ...(result['cursor'] === true && { cursor: true }),
  }
  return {
    packet: packet(binary ? 'BinaryProtocolResultSet' : 'TextResultSet', 1, sequence & 0xff, message),
    next: last + 1,
  }
}

function nullBuffer(row: readonly Value[], count: number): number[] {
  const bytes = Array.from({ length: (count + 9) >> 3 }, () => 0)
  for (let index = 0; index < count; index++) {
    if ((row[index] ?? null) === null) bytes[(index + 2) >> 3]! |= 1 << ((index + 2) & 7)
  }
  return bytes
}

/** Writes what a client is told of a prepared statement. */
export function writePrepared(response: Tree, id: number): Yaml {
  const parameters = (response['parameters'] ?? []) as readonly Value[]
  const columns = (response['columns'] ?? []) as readonly Value[]
  const afterParameters = 2 + parameters.length
  const firstColumn = parameters.length === 0 ? 2 : afterParameters + 1
  const eof = (sequence: number): number[] => [...framePacket(encodeEof(0, serverStatus.autocommit), sequence & 0xff)]
  return packet('COM_STMT_PREPARE_OK', 12, 1, {
    status: 0,
    statement_id: id,
    num_columns: columns.length,
    num_params: parameters.length,
    filler: 0,
    warning_available: true,
    warning_count: numberOf(response['warnings']),
    meta_follows_available: false,
    meta_follows: 0,
    param_definitions: parameters.map((column, index) => definition(column, 2 + index)),
    eofAfterParamDefs: parameters.length === 0 ? [] : eof(afterParameters),
    column_definitions: columns.map((column, index) => definition(column, firstColumn + index)),
    eofAfterColumnDefs: columns.length === 0 ? [] : eof(firstColumn + columns.length),
  })
}

export function writeParameters(params: readonly Value[], types: readonly Value[]): Yaml[] {
  return params.map((value, index) => {
    const type = types[index]
    const [name, unsigned] = (typeof type === 'string' ? type : 'varstring').split(' ')
    return { type: typeCode(name), unsigned: unsigned !== undefined, value: value as YamlValue }
  })
}
