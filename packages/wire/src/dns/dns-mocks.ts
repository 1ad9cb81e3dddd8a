import { isDeepStrictEqual } from 'node:util'

import type { CallContent, Value, YamlValue } from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSource, MockSpec } from '../protocol/mock-codec.ts'
import { isTree, toValue } from '../protocol/value.ts'

/** Numbers of types of records that have a name (RFC 1035, 3596, 2782, 9460). */
const types: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
}
const sections = ['answers', 'ns', 'extra'] as const
const flags = ['authoritative', 'recursionAvailable', 'truncated'] as const

/**
 * Keploy's kind `DNS`: a question, and the answer with its records as zone files have them. Only documents are read and
 * written: no traffic of this protocol is relayed, and names are resolved by the system while a test runs.
 */
export const dnsMocks: MockCodec = {
  kinds: ['DNS', 'Call'],
  encode(call: CallContent): MockSpec {
    const written = encodeDns(call)
    if (written === undefined) return encodeCall(call)
    const again = decodeDns({ ...written, lifetime: call.lifetime })
    const { protocol, operation, request, response, lifetime } = call
    const same =
      'calls' in again && isDeepStrictEqual(again.calls[0], { protocol, operation, request, response, lifetime })
    return same && call.ended === undefined ? written : encodeCall(call)
  },
  decode: (mock) => (mock.kind === 'Call' ? decodeCall('dns', mock) : decodeDns(mock)),
}

function decodeDns({ spec, lifetime }: MockSource): DecodedMock {
  const request = toValue(spec['request'])
  const response = toValue(spec['response'])
  if (!isTree(request) || typeof request['name'] !== 'string') return { problem: 'spec.request has no name' }
  if (!isTree(response)) return { problem: 'spec.response is no mapping' }
  const { name, qtype, qclass = 1 } = request
  if (!isNumber(qtype) || !isNumber(qclass)) return { problem: 'spec.request.qtype or qclass is no number' }
  const { rcode = 0 } = response
  if (!isNumber(rcode)) return { problem: 'spec.response.rcode is no number' }
  const answer: Record<string, Value> = { rcode }
  for (const flag of flags) if (response[flag] === true) answer[flag] = true
  for (const section of sections) {
    const records = response[section] ?? []
    if (!Array.isArray(records) || !(records as Value[]).every((record) => typeof record === 'string'))
      return { problem: `spec.response.${section} is no list of texts` }
    if (records.length > 0) answer[section] = records as Value
  }
  const type = types[qtype] ?? qtype
  const question = { name, type, ...(qclass !== 1 && { class: qclass }) }
  return {
    calls: [{ protocol: 'dns', operation: String(type), request: question, response: answer, lifetime }],
  }
}

function encodeDns({ request, response }: CallContent): MockSpec | undefined {
  if (!isTree(request) || !isTree(response)) return undefined
  const { name = '', type = 1, class: qclass = 1 } = request
  const known = Object.keys(types).find((number) => types[Number(number)] === type)
  const qtype = known === undefined ? type : Number(known)
  const lists = sections.filter((section) => response[section] !== undefined)
  const spec: Record<string, Value> = {
    request: { name, qtype, qclass },
    response: {
      rcode: response['rcode'] ?? 0,
      ...Object.fromEntries(flags.map((flag) => [flag, response[flag] ?? false])),
      ...Object.fromEntries(lists.map((section) => [section, response[section] as Value])),
    },
  }
  return { kind: 'DNS', spec: spec as Readonly<Record<string, YamlValue>> }
}

function isNumber(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value)
}
