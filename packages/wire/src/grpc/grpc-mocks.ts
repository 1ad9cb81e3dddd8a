import { isDeepStrictEqual } from 'node:util'

import {
  isRecord,
  own,
  scalarNumber,
  scalarText,
  type CallContent,
  type Value,
  type YamlValue,
} from '@keploy-framework/format'

import { headerLines, requestHeaders, responseHeaders } from '../http-calls/header-tree.ts'
import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSpec } from '../protocol/mock-codec.ts'
import { isTree } from '../protocol/value.ts'
import { messageBytes, messageValue } from './grpc-messages.ts'
import { grpcOperation } from './grpc-stream.ts'

function headerMap(tree: Value | undefined): Record<string, YamlValue> {
  return Object.fromEntries(headerLines(tree).map(([name, value]) => [name, value]))
}

function pairs(source: unknown): [string, string][] {
  if (!isRecord(source)) return []
  return Object.keys(source).map((name): [string, string] => [name, scalarText(own(source, name)) ?? ''])
}

function bodyYaml(message: Value | undefined): YamlValue {
  const text = typeof message === 'string' ? message : ''
  return { compression_flag: 0, message_length: messageBytes(text, '')?.length ?? 0, decoded_data: text }
}

function encodeUnary(call: CallContent): MockSpec | undefined {
  const { request, response } = call
  if (!isTree(request) || !isTree(response) || call.ended !== undefined) return undefined
  const asked = request['messages']
  const answered = response['messages']
  if (!Array.isArray(asked) || asked.length !== 1 || !Array.isArray(answered) || answered.length > 1) return undefined
  const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '')
  return {
    kind: 'gRPC',
    spec: {
      grpcReq: {
        headers: {
          pseudo_headers: {
            ':authority': text(request['host']),
            ':method': 'POST',
            ':path': text(request['path']),
            ':scheme': 'http',
          },
          ordinary_headers: headerMap(request['metadata']),
        },
        body: bodyYaml(asked[0] as Value),
      },
      grpcResp: {
        headers: { pseudo_headers: { ':status': '200' }, ordinary_headers: headerMap(response['metadata']) },
        body: bodyYaml(answered[0] as Value | undefined),
        trailers: {
          pseudo_headers: {},
          ordinary_headers: {
            ...headerMap(response['trailers']),
            'grpc-message': text(response['message']),
            'grpc-status': String(Number(response['status'])),
          },
        },
      },
    },
  }
}

/** The message of a body; whoever wrote the text, it comes out in the form that ours has. */
function messageOf(
  half: unknown,
  name: string,
): { readonly message: string | Uint8Array } | { readonly problem: string } {
  const data = own(own(half, 'body'), 'decoded_data')
  const text = scalarText(data) ?? ''
  const bytes = messageBytes(text, '')
  if (bytes === undefined) return { problem: `spec.${name}.body.decoded_data is no protoscope text` }
  return { message: messageValue(bytes, '') }
}

function decode(mock: Parameters<MockCodec['decode']>[0]): DecodedMock {
  if (mock.kind === 'Call') return decodeCall('grpc', mock)
  const req = own(mock.spec, 'grpcReq') ?? own(mock.spec, 'grpcreq')
  const resp = own(mock.spec, 'grpcResp') ?? own(mock.spec, 'grpcresp')
  if (!isRecord(req) || !isRecord(resp)) return { problem: 'spec.grpcReq or spec.grpcResp is no mapping' }
  const asked = messageOf(req, 'grpcReq')
  const answered = messageOf(resp, 'grpcResp')
  if ('problem' in asked) return asked
  if ('problem' in answered) return answered
  const pseudo = new Map(pairs(own(own(req, 'headers'), 'pseudo_headers')))
  const path = pseudo.get(':path') ?? ''
  if (path === '') return { problem: 'spec.grpcReq.headers has no :path' }
  const trailers = pairs(own(own(resp, 'trailers'), 'ordinary_headers'))
  const head = pairs(own(own(resp, 'headers'), 'ordinary_headers'))
  const value = (name: string): string | undefined =>
    [...trailers, ...head].find(([key]) => key.toLowerCase() === name)?.[1]
  const status = scalarNumber(value('grpc-status')) ?? 0
  const message = value('grpc-message') ?? ''
  const rest = (list: [string, string][]): [string, string][] =>
    list.filter(([name]) => !/^grpc-(?:status|message)$/i.test(name))
  const extra = responseHeaders(rest(trailers))
  // Errors come without a message, which stands in the file like an empty one.
  const none = answered.message.length === 0 && status !== 0
  return {
    calls: [
      {
        protocol: 'grpc',
        operation: grpcOperation(path),
        request: {
          path,
          host: pseudo.get(':authority') ?? '',
          metadata: requestHeaders(pairs(own(own(req, 'headers'), 'ordinary_headers'))),
          messages: [asked.message],
        },
        response: {
          metadata: responseHeaders(rest(head)),
          messages: none ? [] : [answered.message],
          status,
          ...(message !== '' && { message }),
          ...(Object.keys(extra).length > 0 && { trailers: extra }),
        },
        lifetime: mock.lifetime,
      },
    ],
  }
}

/** Calls of gRPC as documents: Keploy's `gRPC` for unary calls, our own kind for streams. */
export const grpcMocks: MockCodec = {
  kinds: ['gRPC', 'Call'],
  encode(call: CallContent): MockSpec {
    const spec = encodeUnary(call)
    if (spec === undefined) return encodeCall(call)
    const back = decode({ ...spec, lifetime: call.lifetime })
    const content = 'calls' in back ? back.calls[0] : undefined
    const whole =
      isDeepStrictEqual(content?.request, call.request) && isDeepStrictEqual(content?.response, call.response)
    return whole ? spec : encodeCall(call)
  },
  decode,
}
