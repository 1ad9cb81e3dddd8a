import { isUtf8 } from 'node:buffer'

import {
  headerValue,
  type BodyValue,
  type CapturedBody,
  type HttpExchange,
  type HttpExchangeResponse,
  type TestCase,
  type TestResponse,
} from '@keploy-framework/format'

/** The header that names a test while it is recorded. */
export const NAME_HEADER = 'keploy-test-name'
/** The header that says how many seconds the answer may take to become this one. */
const WITHIN_HEADER = 'keploy-test-within'
/** The longest that is taken, in seconds. */
const LONGEST = 600

function bodyValue(body: CapturedBody): BodyValue {
  if (body.omitted) {
    const { size, sha256 } = body.omitted
    return { type: 'omitted', size, ...(sha256 !== '' && { sha256 }) }
  }
  if (body.bytes.length === 0) return { type: 'empty' }
  const { bytes } = body
  if (!isUtf8(bytes)) return { type: 'binary', bytes }
  return { type: 'text', text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') }
}

function responseBody(exchange: HttpExchange, response: HttpExchangeResponse): BodyValue {
  const { stream } = exchange
  if (!stream || stream.kind === 'websocket') return bodyValue(response.body)
  return { type: 'stream', kind: stream.kind, items: stream.items.filter((item) => item.from === 'server') }
}

/** What a test is called, and what is said of it. */
export interface TestLabels {
  readonly name: string
  readonly suite: string
  readonly appPort?: number
}

/** The URL as recorded: the host that the client named, and the target. */
export function recordedUrl(exchange: HttpExchange): string {
  const { target, headers } = exchange.request
  if (!target.startsWith('/') && target.includes('://')) return target
  const host = headerValue(headers, 'host') ?? 'localhost'
  return `http://${host}${target.startsWith('/') ? target : `/${target === '*' ? '' : target}`}`
}

function within(headers: HttpExchange['request']['headers']): { withinMs?: number } {
  const seconds = Number(headerValue(headers, WITHIN_HEADER))
  return seconds > 0 && seconds <= LONGEST ? { withinMs: Math.round(seconds * 1000) } : {}
}

/** The test that an exchange makes. It must have a response. */
export function toTest(exchange: HttpExchange, response: HttpExchangeResponse, labels: TestLabels): TestCase {
  const { request, stream } = exchange
  const version = request.version.split('.')
  const testResponse: TestResponse = {
    status: response.status,
    statusMessage: response.reason,
    headers: response.headers,
    body: responseBody(exchange, response),
    timestamp: response.endedAt,
  }
  const hasDate = headerValue(response.headers, 'date') !== undefined
  return {
    name: labels.name,
    kind: 'Http',
    file: `tests/${labels.name}.yaml`,
    request: {
      method: request.method,
      url: recordedUrl(exchange),
      protoMajor: Number(version[0] ?? 1),
      protoMinor: Number(version[1] ?? 1),
      headers: request.headers.filter(([name]) => ![NAME_HEADER, WITHIN_HEADER].includes(name.toLowerCase())),
      body: bodyValue(request.body),
      ...(request.body.encoding !== undefined && { encoding: request.body.encoding }),
      timestamp: request.startedAt,
    },
    response: testResponse,
    // Keploy compares dates by value; with this line it reads the test as we do.
    assertions: { noise: new Map(hasDate ? [['header.Date', []]] : []) },
    annotations: { suite: labels.suite, tags: [], skip: false, only: false, ...within(request.headers) },
    ...(stream?.kind === 'websocket' && { stream: { kind: 'websocket', items: stream.items } }),
    created: Math.floor(request.startedAt / 1000),
    ...(labels.appPort !== undefined && { appPort: labels.appPort }),
    durationMs: Math.max(0, Math.round((response.endedAt - request.startedAt) * 1000) / 1000),
  }
}
