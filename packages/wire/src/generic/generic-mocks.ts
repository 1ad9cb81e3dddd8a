import { isRecord, scalarText, type CallContent, type Value, type YamlValue } from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSpec } from '../protocol/mock-codec.ts'
import { bytesOf, textOrBytes } from '../protocol/value.ts'

/** One entry of Keploy's payload lists. */
export interface Payload {
  readonly origin: 'client' | 'server'
  readonly message: readonly { readonly type: string; readonly data: string }[]
}

/** Writes bytes as Keploy's payload lists have them: text as `utf-8`, all else as base64. */
export function encodePayload(origin: Payload['origin'], value: Value | undefined): YamlValue[] {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return []
  const message =
    typeof value === 'string'
      ? { type: 'utf-8', data: value }
      : { type: 'binary', data: Buffer.from(bytesOf(value)).toString('base64') }
  return [{ origin, message: [message] }]
}

/** The bytes of a payload list, joined; a sentence when an entry is not as it should be. */
export function decodePayload(list: unknown): { readonly bytes: Uint8Array } | { readonly problem: string } {
  if (list === undefined || list === null) return { bytes: new Uint8Array(0) }
  if (!Array.isArray(list)) return { problem: 'a list of payloads is no list' }
  const pieces: Uint8Array[] = []
  for (const payload of list as unknown[]) {
    const messages = isRecord(payload) ? payload['message'] : undefined
    if (!Array.isArray(messages)) return { problem: 'a payload has no list of messages' }
    for (const message of messages as unknown[]) {
      const data = isRecord(message) ? scalarText(message['data']) : undefined
      if (!isRecord(message) || data === undefined) return { problem: 'a message of a payload has no data' }
      pieces.push(message['type'] === 'binary' ? Buffer.from(data, 'base64') : Buffer.from(data, 'utf8'))
    }
  }
  return { bytes: Buffer.concat(pieces) }
}

export const genericMocks: MockCodec = {
  kinds: ['Generic', 'Call'],
  encode(call: CallContent): MockSpec {
    if (call.operation === 'connect') return encodeCall(call)
    return {
      kind: 'Generic',
      spec: {
        genericrequests: encodePayload('client', call.request),
        genericresponses: encodePayload('server', call.response),
      },
      ...(call.ended !== undefined && { metadata: { ended: call.ended } }),
    }
  },
  decode(mock): DecodedMock {
    if (mock.kind === 'Call') return decodeCall('generic', mock)
    const fields = new Map(Object.entries(mock.spec).map(([name, value]) => [name.toLowerCase(), value]))
    const requests = fields.get('genericrequests')
    const responses = fields.get('genericresponses')
    if (requests === undefined && responses === undefined) {
      return fields.has('objects')
        ? {
            problem: 'spec.objects is what an SDK of Keploy saw inside of the program, not what went over a connection',
          }
        : { problem: 'the spec has neither genericrequests nor genericresponses' }
    }
    const asked = decodePayload(requests)
    const answered = decodePayload(responses)
    if ('problem' in asked) return asked
    if ('problem' in answered) return answered
    const own = asked.bytes.length === 0
    const ended = mock.metadata?.['ended']
    return {
      calls: [
        {
          protocol: 'generic',
          operation: own ? 'deliver' : 'send',
          request: own ? null : textOrBytes(asked.bytes),
          ...(answered.bytes.length > 0 && { response: textOrBytes(answered.bytes) }),
          lifetime: mock.lifetime,
          ...((ended === 'end' || ended === 'reset') && { ended }),
        },
      ],
    }
  },
}
