import type { CallContent, Value, YamlValue } from '@keploy-framework/format'

import type { MockSpec } from '../../protocol/mock-codec.ts'
import { isTree } from '../../protocol/value.ts'
import { numberOf, statusOf, type Tree } from '../outcome.ts'
import { resultsOf } from '../result-writer.ts'
import { okMessage, packet, writeParameters, writePrepared, writeResult } from './write-packets.ts'

const commands: Readonly<Record<string, readonly [name: string, code: number]>> = {
  ping: ['COM_PING', 14],
  'reset connection': ['COM_RESET_CONNECTION', 31],
}

/** Writes a call as a document of the kind `MySQL`; nothing where that kind has no place for it. */
export function writeDocument(call: CallContent): MockSpec | undefined {
  const { request, response, operation, ended } = call
  if (!isTree(request)) return undefined
  if (operation === 'connect') return writeConnect(request, response)
  const asked = writeRequest(request, operation)
  if (asked === undefined) return undefined
  const responses = writeResponses(request, response)
  if (responses === undefined) return undefined
  const foreign = isTree(response) && response['statement'] !== undefined
  const sql = foreign
    ? undefined
    : (request['prepare'] ?? (request['params'] === undefined ? undefined : request['sql']))
  return document([asked], responses, {
    ...(typeof sql === 'string' && { statement: sql }),
    ...(ended !== undefined && { ended }),
  })
}

type Yaml = Readonly<Record<string, YamlValue>>

function document(
  requests: readonly Yaml[],
  responses: readonly Yaml[],
  more: Readonly<Record<string, string>>,
): MockSpec {
  const type = (one: Yaml | undefined): string => {
    const header = one?.['header'] as { readonly packet_type?: string } | undefined
    return header?.packet_type ?? 'NO Response Packet'
  }
  return {
    kind: 'MySQL',
    spec: { requests: requests as YamlValue, responses: responses as YamlValue },
    metadata: { requestOperation: type(requests[0]), responseOperation: type(responses.at(-1)), ...more },
  }
}

function writeRequest(request: Tree, operation: string): Yaml | undefined {
  const known = commands[operation]
  if (known !== undefined) return packet(known[0], 1, 0, { command: known[1] })
  const { sql, params, prepare, batch, use } = request
  if (typeof use === 'string') return packet('COM_INIT_DB', 1 + Buffer.byteLength(use), 0, { command: 2, schema: use })
  if (typeof prepare === 'string')
    return packet('COM_STMT_PREPARE', 1 + Buffer.byteLength(prepare), 0, { command: 22, query: prepare })
  const number = request['statement']
  if ((typeof sql !== 'string' && typeof number !== 'number') || batch !== undefined) return undefined
  if (typeof sql === 'string' && !Array.isArray(params)) {
    const attributes = request['attributes'] as YamlValue | undefined
    return packet('COM_QUERY', 1 + Buffer.byteLength(sql), 0, {
      command: 3,
      query: sql,
      ...(attributes !== undefined && { attributes }),
    })
  }
  const list = (params ?? []) as readonly Value[]
  const nulls = Array.from({ length: (list.length + 7) >> 3 }, (_, at) =>
    list.slice(at * 8, at * 8 + 8).reduce<number>((bits, value, bit) => (value === null ? bits | (1 << bit) : bits), 0),
  )
  const types = Array.isArray(request['types']) ? (request['types'] as readonly Value[]) : []
  return packet('COM_STMT_EXECUTE', 0, 0, {
    status: 23,
    statement_id: typeof sql === 'string' ? statementNumber(sql) : (number as number),
    flags: request['cursor'] === true ? 1 : 0,
    iteration_count: 1,
    parameter_count: list.length,
    null_bitmap: nulls,
    new_params_bind_flag: 1,
    parameters: writeParameters(list, types),
  })
}

function writeResponses(request: Tree, response: Value | undefined): Yaml[] | undefined {
  if (response === undefined) return []
  const results = resultsOf(response)
  const written: Yaml[] = []
  let sequence = 1
  for (const [index, result] of results.entries()) {
    if (result['infile'] !== undefined || result['eof'] !== undefined || result['fields'] !== undefined)
      return undefined
    if (typeof request['prepare'] === 'string' && result['parameters'] !== undefined) {
      written.push(writePrepared(result, numberOf(result['statement']) || statementNumber(request['prepare'])))
      continue
    }
    const one = writeResult(result, sequence, index < results.length - 1, request['params'] !== undefined)
    written.push(one.packet)
    sequence = one.next
  }
  return written
}

/** A number for a statement: the same for the same SQL, as documents of several connections are read together. */
function statementNumber(sql: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < sql.length; at++) hash = Math.imul(hash ^ sql.charCodeAt(at), 0x01000193)
  return (hash >>> 1) + 1
}

/** A login. Where a salt and a password would stand there are zeros and nothing. */
function writeConnect(request: Tree, response: Value | undefined): MockSpec | undefined {
  const server = isTree(response) ? response['server'] : undefined
  if (!isTree(response) || !isTree(server) || request['user'] === undefined) return undefined
  const flags = (value: Value | undefined): Yaml => {
    const all = numberOf(value)
    const high = Math.floor(all / 2 ** 32)
    return { capability_flags: all % 2 ** 32, ...(high !== 0 && { mariadb_capability_flags: high }) }
  }
  const greeting = packet('HandshakeV10', 0, 0, {
    protocol_version: 10,
    server_version: server['version'] as YamlValue,
    connection_id: 1,
    auth_plugin_data: Array.from({ length: 21 }, () => 0),
    filler: 0,
    ...flags(server['capabilities']),
    character_set: numberOf(server['charset']),
    status_flags: statusOf(server),
    auth_plugin_name: server['plugin'] as YamlValue,
  })
  const message = {
    ...flags(request['capabilities']),
    max_packet_size: numberOf(request['maxPacket']),
    character_set: numberOf(request['charset']),
    filler: Array.from({ length: 23 }, () => 0),
    username: request['user'] as YamlValue,
    auth_response: [],
    database: (request['database'] ?? '') as YamlValue,
    auth_plugin_name: (request['plugin'] ?? '') as YamlValue,
    ...(request['attributes'] !== undefined && { connection_attributes: request['attributes'] as YamlValue }),
    zstdcompressionlevel: 0,
  }
  const tls = request['tls'] === true
  const login = packet('HandshakeResponse41', 0, tls ? 2 : 1, message)
  const requests = tls ? [packet('SSLRequest', 32, 1, flags(request['capabilities'])), login] : [login]
  const responses = [greeting]
  let sequence = tls ? 3 : 2
  if (response['switchedTo'] !== undefined) {
    const plugin = response['switchedTo'] as YamlValue
    responses.push(packet('AuthSwitchRequest', 0, sequence, { status_tag: 254, plugin_name: plugin, plugin_data: '' }))
    requests.push(packet('AuthSwitchResponse', 0, sequence + 1, { data: '' }))
    sequence += 2
  }
  if (response['error'] !== undefined)
    responses.push(writeResult({ error: response['error'] }, sequence, false, false).packet)
  else if (response['ok'] !== undefined) responses.push(packet('OK', 7, sequence, okMessage(response['ok'])))
  return document(requests, responses, {})
}
