import type { Value } from '@keploy-framework/format'

import { oneLine } from '../protocol/one-line.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'
import { HostRewriter } from './host-rewriter.ts'
import { HttpCallReader } from './http-call-reader.ts'
import { httpKey, withoutHost } from './http-key.ts'
import { HttpMockServer } from './http-mock-server.ts'
import { httpMocks } from './http-mocks.ts'

const METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'])
const FIRST_LINE_LIMIT = 64 * 1024

function detect(first: Uint8Array): 'yes' | 'no' | 'more' {
  let space = 0
  while (space < first.length && space < 32 && isToken(first[space] as number)) space += 1
  if (space === first.length) return space < 32 ? 'more' : 'no'
  if (space === 0 || first[space] !== 32) return 'no'
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  const method = bytes.toString('latin1', 0, space)
  const next = bytes[space + 1]
  if (next === undefined) return 'more'
  // A path, or a whole address; what else follows such a word may be Redis, NATS or a mail server.
  if (METHODS.has(method) && next === 0x2f) return 'yes'
  const newline = bytes.indexOf(10)
  if (newline === -1) return bytes.length > FIRST_LINE_LIMIT ? 'no' : 'more'
  return / HTTP\/1\.[01]\r?$/.test(bytes.toString('latin1', 0, newline)) ? 'yes' : 'no'
}

/** Also with an empty line before the request, and with a method in small letters. */
function detectNamed(first: Uint8Array): 'yes' | 'no' | 'more' {
  const text = Buffer.from(first.buffer, first.byteOffset, first.byteLength).toString('latin1')
  return detect(
    Buffer.from(
      text.replace(/^[\r\n]+/, '').replace(/^[a-z]+/, (word) => word.toUpperCase()),
      'latin1',
    ),
  )
}

/** A server may answer before it was asked: that it waited too long. */
function detectServer(first: Uint8Array): 'yes' | 'no' | 'more' {
  const begin = 'HTTP/1.'.slice(0, first.length)
  if (Buffer.from(first.buffer, first.byteOffset, begin.length).toString('latin1') !== begin) return 'no'
  return begin.length < 7 ? 'more' : 'yes'
}

function isToken(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || byte === 45 || byte === 95
}

/** HTTP/1.1 and 1.0: APIs over plain HTTP, event streams and WebSocket connections. */
export const httpProtocol: Protocol = {
  name: 'http',
  speaksFirst: 'client',
  detect,
  detectNamed,
  detectServer,
  createReader: (options, emit) => new HttpCallReader(options, emit),
  createMockServer: (options) => new HttpMockServer(options),
  createRewriter: ({ authority }) => (authority === undefined ? undefined : new HostRewriter(authority)),
  describe(request: Value): string {
    if (!isTree(request)) return 'nothing'
    const text = (name: string): string => (typeof request[name] === 'string' ? request[name] : '')
    return oneLine(`${text('method')} ${text('host')}${text('target')}`)
  },
  match: { key: httpKey, unrecorded: withoutHost },
  mocks: httpMocks,
}
