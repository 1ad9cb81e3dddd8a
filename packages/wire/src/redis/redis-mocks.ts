import { isDeepStrictEqual } from 'node:util'

import type { CallContent, Value, YamlValue } from '@keploy-framework/format'

import { decodePayload } from '../generic/generic-mocks.ts'
import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSpec } from '../protocol/mock-codec.ts'
import { isTree, textOrBytes } from '../protocol/value.ts'
import { asRequest, queuedOf, wordsOf, type RedisRequest } from './command.ts'
import { encodeCommand, encodeReply } from './encode-reply.ts'
import { RedisReader } from './redis-reader.ts'

const READ_LIMIT = 1024 * 1024 * 1024

/** Calls as Keploy's kind `Redis` has them: RESP as text, bytes that are no text as base64. */
export const redisMocks: MockCodec = {
  kinds: ['Redis', 'Call'],
  encode(call: CallContent): MockSpec {
    const mock = encodeRedis(call)
    if (mock === undefined) return encodeCall(call)
    // RESP has no place for some of what a person may write into a tree; such a call keeps its tree.
    const again = decodeRedis({ ...mock, lifetime: call.lifetime })
    return 'calls' in again && again.calls.length === 1 && isDeepStrictEqual(again.calls[0], contentOf(call))
      ? mock
      : encodeCall(call)
  },
  decode(mock): DecodedMock {
    return mock.kind === 'Call' ? decodeCall('redis', mock) : decodeRedis(mock)
  },
}

function contentOf({ protocol, operation, request, response, lifetime, ended }: CallContent): CallContent {
  return {
    protocol,
    operation,
    request,
    ...(response !== undefined && { response }),
    lifetime,
    ...(ended !== undefined && { ended }),
  }
}

function encodeRedis(call: CallContent): MockSpec | undefined {
  const request = call.request === null ? undefined : asRequest(call.request)
  if (call.request !== null && request === undefined) return undefined
  const queued = request === undefined ? undefined : queuedOf(request)
  const asked = request === undefined ? [] : commandsOf(request, queued)
  const answered: Uint8Array[] = []
  if (call.response !== undefined) {
    if (queued !== undefined) answered.push(Buffer.from('+OK\r\n'), ...queued.map(() => Buffer.from('+QUEUED\r\n')))
    answered.push(encodeForFile(call.response))
  }
  const { db, user } = (request ?? {}) as Readonly<Record<string, Value>>
  const metadata = {
    ...(typeof db === 'number' && { db: String(db) }),
    ...(typeof user === 'string' && { user }),
    ...(call.ended !== undefined && { ended: call.ended }),
  }
  return {
    kind: 'Redis',
    spec: { redisrequests: payload('client', asked), redisresponses: payload('server', answered) },
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

function commandsOf(request: RedisRequest, queued: readonly RedisRequest[] | undefined): Uint8Array[] {
  const own = encodeCommand(wordsOf(request))
  if (queued === undefined) return [own]
  return [encodeCommand(['MULTI']), ...queued.map((command) => encodeCommand(wordsOf(command))), own]
}

/** RESP3, but for nulls: `$-1` and `*-1` stand for them in files, whatever the connection spoke. */
function encodeForFile(response: Value): Buffer {
  return encodeReply(nullsOfTwo(response), 3)
}

function nullsOfTwo(value: Value): Value {
  if (value === null) return { nil: '$' }
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => nullsOfTwo(item))
  if (!isTree(value)) return value
  if (value['nil'] === 'array') return { nil: '*' }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name === 'map' || name === 'attributes' ? nullsOfMap(item) : nullsOfTwo(item),
    ]),
  )
}

/** The keys of a mapping are names of the server, not of a tree. */
function nullsOfMap(map: Value): Value {
  if (!isTree(map)) return nullsOfTwo(map)
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, nullsOfTwo(item)]))
}

function payload(origin: 'client' | 'server', messages: readonly Uint8Array[]): YamlValue[] {
  if (messages.length === 0) return []
  const message = messages.map((bytes) => {
    const data = textOrBytes(bytes)
    return typeof data === 'string'
      ? { type: 'string', data }
      : { type: 'binary', data: Buffer.from(data).toString('base64') }
  })
  return [{ origin, message }]
}

function decodeRedis(mock: MockSpec & { readonly lifetime: CallContent['lifetime'] }): DecodedMock {
  const fields = new Map(Object.entries(mock.spec).map(([name, value]) => [name.toLowerCase(), value]))
  const asked = decodePayload(fields.get('redisrequests'))
  const answered = decodePayload(fields.get('redisresponses'))
  if ('problem' in asked) return { problem: `spec.redisrequests: ${asked.problem}` }
  if ('problem' in answered) return { problem: `spec.redisresponses: ${answered.problem}` }
  const db = Number(mock.metadata?.['db'] ?? 0)
  const calls: CallContent[] = []
  let problem: string | undefined
  let ids = 0
  const reader = new RedisReader(
    { connection: 0, nextId: () => ++ids, messageLimit: READ_LIMIT },
    (event) => {
      if (event.type === 'gap')
        problem = `spec.redis${event.from === 'client' ? 'requests' : 'responses'}: ${event.reason}`
      else if (event.type === 'call') calls.push({ ...contentOf(event.call), lifetime: mock.lifetime })
    },
    { version: 'any', ...(Number.isSafeInteger(db) && { db }) },
  )
  reader.push('client', asked.bytes, 0)
  reader.push('server', answered.bytes, 0)
  if (problem === undefined && reader.partial)
    problem = 'spec.redisresponses or spec.redisrequests ends within a message'
  reader.stop(0)
  if (problem !== undefined) return { problem }
  return { calls: calls.map((call, at) => withMetadata(call, mock.metadata, at === calls.length - 1)) }
}

function withMetadata(call: CallContent, metadata: MockSpec['metadata'], last: boolean): CallContent {
  const { user, ended } = metadata ?? {}
  const named = user !== undefined && isTree(call.request) && 'user' in call.request
  return {
    ...call,
    ...(named && { request: { ...(call.request as RedisRequest), user } }),
    ...(last && (ended === 'end' || ended === 'reset') && { ended }),
  }
}
