import { isDeepStrictEqual } from 'node:util'

import {
  decodeBody,
  isRecord,
  own,
  parseTimestamp,
  restoreFormBody,
  scalarNumber,
  scalarText,
  type BodyValue,
  type CallContent,
  type Value,
  type YamlValue,
} from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSpec } from '../protocol/mock-codec.ts'
import { bytesOf, isTree, textOrBytes } from '../protocol/value.ts'
import { mediaType } from './body-key.ts'
import { headerIn, headerLines, responseHeaders } from './header-tree.ts'
import { itemTree, requestTree } from './http-trees.ts'

/** Headers as Keploy has them: one text for each name. */
function headerMap(headers: Value | undefined): YamlValue {
  const entries: [string, string][] = []
  for (const [name, value] of headerLines(headers)) {
    const last = entries.at(-1)
    if (last !== undefined && last[0] === name) last[1] = `${last[1]},${value}`
    else entries.push([name, value])
  }
  return Object.fromEntries(entries)
}

// A comma that joins two cookies stands in front of `name=`; one within a cookie (`Expires=Wed, 09 Jun…`) does not.
const COOKIE_JOINT = /,(?=[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+=)/

function headerPairs(source: unknown): [string, string][] {
  if (!isRecord(source)) return []
  return Object.keys(source).flatMap((name): [string, string][] => {
    const value = own(source, name)
    if (Array.isArray(value)) return value.map((one) => [name, scalarText(one) ?? ''])
    const text = scalarText(value) ?? ''
    if (name.toLowerCase() !== 'set-cookie') return [[name, text]]
    return text.split(COOKIE_JOINT).map((one) => [name, one.trim()])
  })
}

/** A time near the epoch, in microseconds. */
function offsetText(atMs: number): string {
  const micros = Math.max(0, Math.round(Math.min(atMs, 86_399_999) * 1000))
  const seconds = new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(micros % 1_000_000).padStart(6, '0')}Z`
}

function bodyYaml(message: { readonly [key: string]: Value }): YamlValue {
  const { body, stream } = message
  if (isTree(stream) && Array.isArray(stream['items'])) {
    return (stream['items'] as readonly Value[]).map((item): YamlValue => {
      const { atMs, ...rest } = isTree(item) ? item : {}
      // Keploy has a time for each event; counted from the epoch it is an offset.
      const ts = offsetText(Number(atMs) || 0)
      const raw = rest['line'] ?? rest['text'] ?? rest['binary']
      return { ts, data: (raw === undefined ? rest : { raw }) as YamlValue }
    })
  }
  return typeof body === 'string' || body instanceof Uint8Array ? body : ''
}

function text(value: Value | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function encodeHttp(call: CallContent): MockSpec | undefined {
  const { request, response } = call
  if (!isTree(request) || !isTree(response) || call.ended !== undefined) return undefined
  const [major = '1', minor = '1'] = text(response['version'], '1.1').split('.')
  const form = mediaType(headerIn(request['headers'], 'content-type')) === 'application/x-www-form-urlencoded'
  const host = typeof request['host'] === 'string' ? request['host'] : ''
  const target = text(request['target'], '/')
  return {
    kind: 'Http',
    spec: {
      req: {
        method: call.operation,
        proto_major: 1,
        proto_minor: 1,
        url: host === '' ? target : `http://${host}${target}`,
        header: headerMap(request['headers']),
        body: bodyYaml(request),
      },
      resp: {
        status_code: Number(response['status']),
        header: headerMap(response['headers']),
        body: bodyYaml(response),
        status_message: typeof response['reason'] === 'string' ? response['reason'] : '',
        proto_major: Number(major),
        proto_minor: Number(minor ?? 0),
      },
    },
    // Keploy keeps forms decoded; this one stands as it was sent.
    ...(form && { metadata: { form: 'exact' } }),
  }
}

/** The body of a document, with what only an old one has taken into account. */
function bodyOf(value: BodyValue): Uint8Array {
  if (value.type === 'text') return bytesOf(value.text)
  return value.type === 'binary' ? value.bytes : new Uint8Array(0)
}

function decodeStream(value: BodyValue, sentAt: number): { readonly stream: Value } | undefined {
  if (value.type !== 'stream') return undefined
  const first = value.items[0]?.at ?? 0
  // Offsets of our own documents count from the epoch; a day later a time is a time.
  const from = first < 86_400_000 ? 0 : sentAt > 86_400_000 ? sentAt : first
  return { stream: { kind: value.kind, items: value.items.map((item) => itemTree(item, from, false)) } }
}

function decodeHttp(mock: Parameters<MockCodec['decode']>[0]): DecodedMock {
  const req = own(mock.spec, 'req')
  const resp = own(mock.spec, 'resp')
  if (!isRecord(req)) return { problem: 'spec.req is no mapping' }
  if (!isRecord(resp)) return { problem: 'spec.resp is no mapping' }
  const url = scalarText(own(req, 'url')) ?? scalarText(own(req, 'URL')) ?? '/'
  // The first versions left the method of a GET out, or kept it beside.
  const method =
    [scalarText(own(req, 'method')), mock.metadata?.['operation'], 'GET'].find(
      (one) => one !== undefined && one !== '',
    ) ?? 'GET'
  const status = scalarNumber(own(resp, 'status_code'))
  if (status === undefined || !Number.isInteger(status) || status < 100 || status > 999) {
    return { problem: 'spec.resp.status_code is no status' }
  }
  if (own(resp, 'body_skipped') === true) return { problem: 'spec.resp.body was not kept: the recording skipped it' }
  const sent = headerPairs(own(req, 'header'))
  const type = sent.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  let body = bodyOf(decodeBody(own(req, 'body'), type ?? ''))
  if (type === 'application/x-www-form-urlencoded' && mock.metadata?.['form'] !== 'exact') {
    const length = scalarNumber(sent.find(([name]) => name.toLowerCase() === 'content-length')?.[1])
    body = Buffer.from(restoreFormBody(Buffer.from(body).toString('utf8'), length).body)
  }
  const headers = headerPairs(own(resp, 'header'))
  const answered = decodeBody(
    own(resp, 'body'),
    headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '',
  )
  const sentAt = parseTimestamp(scalarText(own(mock.spec, 'reqTimestampMock')) ?? scalarText(own(req, 'timestamp')))
  const major = scalarNumber(own(resp, 'proto_major')) ?? 0
  const bytes = bodyOf(answered)
  return {
    calls: [
      {
        protocol: 'http',
        operation: method,
        request: requestTree({ method, target: url, headers: sent, body }),
        response: {
          status,
          reason: scalarText(own(resp, 'status_message')) ?? '',
          version:
            major === 0 ? '1.1' : major === 1 ? `1.${scalarNumber(own(resp, 'proto_minor')) ?? 1}` : String(major),
          headers: responseHeaders(headers),
          ...(bytes.length > 0 && { body: textOrBytes(bytes) }),
          ...decodeStream(answered, sentAt),
        },
        lifetime: mock.lifetime,
      },
    ],
  }
}

/** Keploy's `Http2`: the same with the pseudo headers beside. */
function decodeHttp2(mock: Parameters<MockCodec['decode']>[0]): DecodedMock {
  const req = own(mock.spec, 'req') ?? own(mock.spec, 'http2Req')
  const resp = own(mock.spec, 'resp') ?? own(mock.spec, 'http2Resp')
  if (!isRecord(req) || !isRecord(resp)) return { problem: 'spec.req or spec.resp is no mapping' }
  const sent = headerPairs(own(req, 'headers') ?? own(req, 'header'))
  const pseudo = (name: string): string | undefined => sent.find(([key]) => key.toLowerCase() === name)?.[1]
  const method = scalarText(own(req, 'method')) ?? pseudo(':method') ?? ''
  const headers = headerPairs(own(resp, 'headers') ?? own(resp, 'header'))
  const status = scalarNumber(own(resp, 'status_code')) ?? Number(headers.find(([name]) => name === ':status')?.[1])
  if (method === '') return { problem: 'spec.req.method is missing' }
  if (!Number.isInteger(status) || status < 100 || status > 999)
    return { problem: 'spec.resp.status_code is no status' }
  const host = scalarText(own(req, 'authority')) ?? pseudo(':authority')
  const target = scalarText(own(req, 'url')) ?? pseudo(':path') ?? '/'
  const body = bodyOf(decodeBody(own(req, 'body'), ''))
  const answered = bodyOf(decodeBody(own(resp, 'body'), ''))
  const trailers = headerPairs(own(resp, 'trailers'))
  return {
    calls: [
      {
        protocol: 'http',
        operation: method,
        request: requestTree({ method, target, ...(host !== undefined && { host }), headers: sent, body }),
        response: {
          status,
          reason: '',
          version: '2',
          headers: responseHeaders(headers),
          ...(answered.length > 0 && { body: textOrBytes(answered) }),
          ...(trailers.length > 0 && { trailers: responseHeaders(trailers) }),
        },
        lifetime: mock.lifetime,
      },
    ],
  }
}

function decode(mock: Parameters<MockCodec['decode']>[0]): DecodedMock {
  if (mock.kind === 'Call') return decodeCall('http', mock)
  return mock.kind === 'Http2' ? decodeHttp2(mock) : decodeHttp(mock)
}

/** Calls of HTTP as documents: Keploy's `Http` where it holds all of the call, else our own kind. */
export const httpMocks: MockCodec = {
  kinds: ['Http', 'Http2', 'Call'],
  encode(call: CallContent): MockSpec {
    const spec = encodeHttp(call)
    if (spec === undefined) return encodeCall(call)
    const back = decode({ ...spec, lifetime: call.lifetime })
    // Trailers, upgrades, answers that broke off, repeated headers with commas: Keploy's kind has no place for them.
    return 'calls' in back && sameContent(back.calls[0], call) ? spec : encodeCall(call)
  },
  decode,
}

function sameContent(a: CallContent | undefined, b: CallContent): boolean {
  return (
    a !== undefined &&
    isDeepStrictEqual(a.request, plain(b.request)) &&
    isDeepStrictEqual(a.response, plain(b.response))
  )
}

/** Bytes compare as bytes, whatever class holds them. */
function plain(value: Value | undefined): Value | undefined {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return (value as readonly Value[]).map((one) => plain(one) as Value)
  if (!isTree(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one) as Value]))
}
