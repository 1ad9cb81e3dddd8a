import type { HeaderPair } from '../vocabulary/headers.ts'
import type { TestRequest, TestResponse } from '../vocabulary/test-case.ts'
import { own, scalarText } from '../yaml/values.ts'
import { decodeBody } from './body.ts'
import { decodeHeaders } from './headers.ts'
import { parseTimestamp } from './timestamp.ts'

/** The halves of a gRPC test. The message stays the schema-less text that Keploy keeps (`decoded_data`). */
export function decodeGrpc(request: unknown, response: unknown): { request: TestRequest; response: TestResponse } {
  const sent = decodeBlock(own(request, 'headers'))
  const answered = decodeBlock(own(response, 'headers'))
  const trailers = decodeBlock(own(response, 'trailers'))
  const authority = sent.pseudo.get(':authority') ?? ''
  const path = sent.pseudo.get(':path') ?? '/'
  const scheme = sent.pseudo.get(':scheme') ?? 'http'
  return {
    request: {
      method: sent.pseudo.get(':method') ?? 'POST',
      url: authority === '' ? path : `${scheme}://${authority}${path}`,
      protoMajor: 2,
      protoMinor: 0,
      headers: sent.ordinary,
      body: decodeBody(own(own(request, 'body'), 'decoded_data'), ''),
      timestamp: parseTimestamp(scalarText(own(request, 'timestamp'))),
    },
    response: {
      status: Number(answered.pseudo.get(':status') ?? 200),
      statusMessage: '',
      headers: [...answered.ordinary, ...trailers.ordinary],
      body: decodeBody(own(own(response, 'body'), 'decoded_data'), ''),
      timestamp: parseTimestamp(scalarText(own(response, 'timestamp'))),
    },
  }
}

function decodeBlock(block: unknown): { pseudo: Map<string, string>; ordinary: HeaderPair[] } {
  return {
    pseudo: new Map(decodeHeaders(own(block, 'pseudo_headers'))),
    ordinary: decodeHeaders(own(block, 'ordinary_headers')),
  }
}
