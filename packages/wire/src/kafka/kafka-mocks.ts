import { isRecord, scalarText, type CallContent } from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec } from '../protocol/mock-codec.ts'
import { KafkaReader } from './kafka-reader.ts'

/**
 * Calls stand as documents of the kind `Call`. Keploy's kind `Kafka` holds the bytes of one request, of whatever clients
 * grouped into it; it is read, and not written, since a call is one record.
 */
export const kafkaMocks: MockCodec = {
  kinds: ['Call', 'Kafka'],
  encode: encodeCall,
  decode(mock): DecodedMock {
    if (mock.kind === 'Call') return decodeCall('kafka', mock)
    const asked = payload(entry(mock.spec, 'kafkarequests'))
    const answered = payload(entry(mock.spec, 'kafkaresponses'))
    if ('problem' in asked) return asked
    if ('problem' in answered) return answered
    const [key, version] = [number(asked.header, 'apikey'), number(asked.header, 'apiversion')]
    if (key === undefined || version === undefined)
      return { problem: 'the header of a request has no apiKey or no apiVersion' }
    const clientId = text(asked.header, 'clientid') ?? ''
    const calls = replay(key, version, clientId, asked.body, answered.body)
    return calls === undefined
      ? { problem: `the body of ${text(asked.header, 'apikeyname') ?? `API ${key}`} is not one of version ${version}` }
      : {
          calls: calls.map((call) => ({ ...call, lifetime: call.lifetime === 'test' ? mock.lifetime : call.lifetime })),
        }
  },
}

interface KeployMessage {
  readonly header: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

/** The message of a payload list: JSON text with a header and a body in base64. */
function payload(list: unknown): KeployMessage | { readonly problem: string } {
  const messages = (Array.isArray(list) ? (list as unknown[]) : []).flatMap((each) =>
    isRecord(each) && Array.isArray(each['message']) ? (each['message'] as unknown[]) : [],
  )
  const data = messages.flatMap((each) => (isRecord(each) ? (scalarText(each['data']) ?? []) : []))[0]
  if (data === undefined) return { header: {}, body: Buffer.alloc(0) }
  try {
    const parsed: unknown = JSON.parse(data)
    if (!isRecord(parsed)) return { problem: 'the data of a message is no mapping' }
    const header = entry(parsed, 'header')
    const body = entry(parsed, 'body')
    return { header: isRecord(header) ? header : {}, body: Buffer.from(typeof body === 'string' ? body : '', 'base64') }
  } catch {
    return { problem: 'the data of a message is no JSON' }
  }
}

/** Reads a pair of messages as a connection would bring them; nothing where the request is not of its version. */
function replay(
  key: number,
  version: number,
  clientId: string,
  asked: Buffer,
  answered: Buffer,
): readonly CallContent[] | undefined {
  const calls: CallContent[] = []
  let opaque = false
  let ids = 0
  const reader = new KafkaReader({ connection: 0, nextId: () => ++ids }, (event) => {
    if (event.type !== 'call') return
    const { protocol, operation, request, response, lifetime } = event.call
    opaque ||= operation.startsWith('api ')
    calls.push({ protocol, operation, request, ...(response !== undefined && { response }), lifetime })
  })
  const name = Buffer.from(clientId)
  const head = Buffer.alloc(14)
  head.writeInt32BE(10 + name.length + asked.length)
  head.writeInt16BE(key & 0x7fff, 4)
  head.writeInt16BE(version & 0x7fff, 6)
  head.writeInt32BE(1, 8)
  head.writeInt16BE(name.length, 12)
  reader.push('client', Buffer.concat([head, name, asked]), 0)
  const back = Buffer.alloc(8)
  back.writeInt32BE(4 + answered.length)
  back.writeInt32BE(1, 4)
  if (answered.length > 0) reader.push('server', Buffer.concat([back, answered]), 0)
  reader.stop(0)
  return opaque && answered.length === 0 ? undefined : calls
}

/** An entry of a mapping, whatever the case of its key. */
function entry(mapping: Readonly<Record<string, unknown>>, name: string): unknown {
  const key = Object.keys(mapping).find((each) => each.toLowerCase() === name)
  return key === undefined ? undefined : mapping[key]
}

function number(mapping: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Number(entry(mapping, name) ?? Number.NaN)
  return Number.isInteger(value) && value >= 0 && value < 0x8000 ? value : undefined
}

function text(mapping: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = entry(mapping, name)
  return typeof value === 'string' ? value : undefined
}
