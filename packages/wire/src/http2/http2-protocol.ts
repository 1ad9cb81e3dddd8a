import type { Value } from '@keploy-framework/format'

import { grpcKey } from '../grpc/grpc-key.ts'
import { grpcMocks } from '../grpc/grpc-mocks.ts'
import { withoutHost } from '../http-calls/http-key.ts'
import { httpMocks } from '../http-calls/http-mocks.ts'
import { httpProtocol } from '../http-calls/http-protocol.ts'
import { oneLine } from '../protocol/one-line.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'
import { PREFACE } from './frame-parser.ts'
import { Http2MockServer } from './http2-mock-server.ts'
import { Http2Reader } from './http2-reader.ts'
import { listOf } from './stream-answer.ts'

function detect(first: Uint8Array): 'yes' | 'no' | 'more' {
  // `PRI` alone could be a word of another protocol; no other one says `PRI * HTTP/2`.
  const length = Math.min(first.length, PREFACE.length)
  if (!PREFACE.subarray(0, length).equals(Buffer.from(first.buffer, first.byteOffset, length))) return 'no'
  return length < PREFACE.length ? 'more' : 'yes'
}

/** A server sends its settings as soon as it can, which may be before the client has said anything. */
function detectServer(first: Uint8Array): 'yes' | 'no' | 'more' {
  // A length, a multiple of 6 below the usual limit, then the type, no flags, and the stream 0.
  const [high, , low = 0] = first
  if (first.length >= 3 && (high !== 0 || (((first[1] ?? 0) << 8) | low) % 6 !== 0)) return 'no'
  const head = [0x04, 0, 0, 0, 0, 0]
  for (let index = 3; index < Math.min(first.length, 9); index += 1) if (first[index] !== head[index - 3]) return 'no'
  return first.length < 9 ? 'more' : 'yes'
}

function isGrpcRequest(request: Value): request is { readonly [key: string]: Value } {
  return isTree(request) && request['path'] !== undefined && Array.isArray(request['messages'])
}

/**
 * Everything that comes over HTTP/2. One connection may carry calls of gRPC and of plain HTTP: each says in its
 * `protocol` which it is, and calls of plain HTTP are the same as those of HTTP/1.1, so that either version answers them.
 */
export const grpcProtocol: Protocol = {
  name: 'grpc',
  speaksFirst: 'client',
  detect,
  detectServer,
  createReader: (options, emit) => new Http2Reader(options, emit),
  createMockServer: (options) => new Http2MockServer(options),
  describe(request: Value): string {
    if (!isGrpcRequest(request)) return httpProtocol.describe(request)
    const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '')
    const first = text(listOf(request['messages'])[0]).trim().replaceAll(/\s+/g, ' ')
    return oneLine(`${text(request['host'])}${text(request['path'])} ${first}`.trim())
  },
  match: {
    key: (request) => (isGrpcRequest(request) ? grpcKey(request) : httpProtocol.match.key(request)),
    unrecorded: withoutHost,
  },
  mocks: {
    kinds: [...new Set([...grpcMocks.kinds, ...httpMocks.kinds])],
    encode: (call) => (call.protocol === 'http' ? httpMocks.encode(call) : grpcMocks.encode(call)),
    decode(mock) {
      const plain =
        mock.kind === 'Http' || mock.kind === 'Http2' || (mock.kind === 'Call' && mock.spec['protocol'] === 'http')
      return plain ? httpMocks.decode(mock) : grpcMocks.decode(mock)
    },
  },
}
