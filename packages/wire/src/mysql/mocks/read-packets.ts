import type { Value } from '@keploy-framework/format'

import { bytesOf, isTree, textOrBytes } from '../../protocol/value.ts'
import { ByteCursor } from '../byte-cursor.ts'
import { capability } from '../capabilities.ts'
import { decodeTextCell } from '../cells.ts'
import { columnType, typeName } from '../column-types.ts'
import { columnShape, type ColumnShape } from '../column.ts'
import { decodeEof, decodeOk, decodeOkEnd, statusTree, type Tree } from '../outcome.ts'
import { serverStatus } from '../status.ts'
import { byteField, field, listField, numberField, textField } from './loose-fields.ts'

/** A packet of a document: its type, and what it says. */
export interface DocumentPacket {
  readonly type: string
  readonly message: Value
}

/** The packets of `requests` or `responses`; a sentence where one is not as it should be. */
export function readPackets(list: Value | undefined): readonly DocumentPacket[] | string {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) return 'a list of packets is no list'
  const packets: DocumentPacket[] = []
  for (const one of list as readonly Value[]) {
    const type = field(field(one, 'header'), 'packet_type')
    if (typeof type !== 'string') return 'a packet has no header.packet_type'
    packets.push({ type, message: field(one, 'message') ?? null })
  }
  return packets
}

/** A column of a document, as the tree of a column. */
export function readColumn(column: Value): Tree {
  const name = textField(column, 'name')
  const [catalog, schema, table] = ['catalog', 'schema', 'table'].map((key) => textField(column, key))
  const originalTable = textField(column, 'org_table')
  const originalName = textField(column, 'org_name')
  const flags = numberField(column, 'flags')
  const decimals = numberField(column, 'decimals')
  const initial = textField(column, 'defaultValue', 'string')
  const extended = field(column, 'extended')
  return {
    name,
    type: typeName(numberField(column, 'type', 'column_type')),
    ...(catalog !== 'def' && { catalog: catalog ?? '' }),
    ...(schema !== '' && { schema: schema ?? '' }),
    ...(table !== '' && { table: table ?? '' }),
    ...(originalTable !== table && { originalTable }),
    ...(originalName !== name && { originalName }),
    charset: numberField(column, 'character_set'),
    length: numberField(column, 'column_length'),
    ...(flags !== 0 && { flags }),
    ...(decimals !== 0 && { decimals }),
    ...(extended !== undefined && { extended }),
    ...(initial !== '' && { default: initial }),
  }
}

/** A value of a document as a row has it, whichever scalar the document took for it. */
export function readCell(value: Value | undefined, shape: ColumnShape): Value {
  if (value === null || value === undefined) return null
  if (shape.type === columnType.bit) {
    return value instanceof Uint8Array ? decodeTextCell(Buffer.from(value), shape) : value
  }
  if (value instanceof Uint8Array) return textOrBytes(value)
  if (typeof value === 'object') return value
  const text = typeof value === 'boolean' ? String(Number(value)) : Object.is(value, -0) ? '-0' : String(value)
  return decodeTextCell(Buffer.from(text), shape)
}

/** The outcome of an OK packet. `info` is everything that follows its counts, as it stood in the packet. */
export function readOk(message: Value): Tree {
  const warnings = numberField(message, 'warnings')
  const status = numberField(message, 'status_flags')
  const rest = new ByteCursor(bytesOf(textField(message, 'info')))
  const { info, session } = decodeOkEnd(rest, capability.sessionTrack, status)
  return {
    affectedRows: bigText(field(message, 'affected_rows')),
    insertId: bigText(field(message, 'last_insert_id')),
    ...(warnings !== 0 && { warnings }),
    ...(info !== '' && { info }),
    ...statusTree(status),
    ...(session !== undefined && { session }),
  }
}

function bigText(value: Value | undefined): Value {
  if (typeof value === 'string') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  return typeof value === 'number' ? value : 0
}

export function readError(message: Value): Tree {
  const sqlState = field(message, 'sql_state')
  return {
    code: numberField(message, 'error_code'),
    ...(sqlState !== undefined && sqlState !== '' && { sqlState: textField(message, 'sql_state') }),
    message: textField(message, 'error_message'),
  }
}

/** A result of rows; and whether another result follows. */
export function readRows(message: Value): { readonly result: Tree; readonly more: boolean } {
  const columns = listField(message, 'columns').map((column) => readColumn(column))
  const shapes = columns.map((column) => columnShape(column))
  const rows = listField(message, 'rows').map((row) => {
    const values = listField(row, 'values', 'row_column_definition')
    return shapes.map((shape, index) => readCell(field(values[index], 'value'), shape))
  })
  const between = readEnd(byteField(message, 'eofAfterColumns'))
  const end =
    readEnd(byteField(field(message, 'FinalResponse'), 'data'), byteField(message, 'optionalEOFBytes')) ?? between
  const tree = end?.tree ?? {}
  const same =
    between === undefined ||
    (between.tree['warnings'] === tree['warnings'] && between.tree['status'] === tree['status'])
  const { affectedRows, insertId, ...rest } = tree
  const status = between?.tree['status']
  return {
    more: ((end?.status ?? 0) & serverStatus.moreResults) !== 0,
    result: {
      columns,
      rows,
      ...rest,
      ...(affectedRows !== undefined && affectedRows !== 0 && { affectedRows }),
      ...(insertId !== undefined && insertId !== 0 && { insertId }),
      ...(!same && { before: { warnings: between.tree['warnings'] ?? 0, ...(status !== undefined && { status }) } }),
      ...(field(message, 'cursor') === true && { cursor: true }),
    },
  }
}

/** What the framed packet says that ends columns or rows; the first one that is there. */
function readEnd(...candidates: readonly Buffer[]): { readonly tree: Tree; readonly status: number } | undefined {
  const bytes = candidates.find((one) => one.length > 4)
  if (bytes === undefined) return undefined
  const payload = bytes.subarray(4)
  try {
    return payload.length < 6 ? decodeEof(payload) : decodeOk(payload, capability.sessionTrack)
  } catch {
    return undefined
  }
}

/** The names of servers in documents, of all generations. */
export function readServer(message: Value): Tree {
  return {
    version: textField(message, 'server_version'),
    capabilities: numberField(message, 'capability_flags') + numberField(message, 'mariadb_capability_flags') * 2 ** 32,
    charset: numberField(message, 'character_set'),
    plugin: textField(message, 'auth_plugin_name'),
    ...statusTree(numberField(message, 'status_flags')),
  }
}

export function readLogin(message: Value, tls: boolean): Tree {
  const database = textField(message, 'database')
  const attributes = field(message, 'connection_attributes', 'connect_attributes')
  return {
    user: textField(message, 'username'),
    ...(database !== '' && { database }),
    plugin: textField(message, 'auth_plugin_name'),
    charset: numberField(message, 'character_set'),
    maxPacket: numberField(message, 'max_packet_size'),
    capabilities: numberField(message, 'capability_flags') + numberField(message, 'mariadb_capability_flags') * 2 ** 32,
    ...(tls && { tls: true }),
    ...(isTree(attributes) && { attributes }),
  }
}
