import { bodyLength, type BodyLength } from '@keploy-framework/wire'

import { parseHost } from '../discover/hosts.ts'
import type { Address } from '../discover/setting.ts'

/** The head of a request to a proxy. */
export interface ProxyHead {
  /** `CONNECT`, or the rest. */
  readonly kind: 'connect' | 'forward'
  readonly target: Address
  /** Of a forwarded request: the head as its server wants it. */
  readonly head: Buffer
  /** How many bytes follow as the body; `chunked` ends itself. */
  readonly body: BodyLength
}

/** A head beyond this is refused. */
export const MAX_HEAD = 65_536

/** Reads a head up to and with its empty line. A problem is for the client to read. */
export function readProxyHead(head: Buffer): ProxyHead | { readonly problem: string } {
  const text = head.toString('latin1')
  const lineEnd = text.indexOf('\n')
  const line = text.slice(0, lineEnd).trimEnd()
  const match = /^([!#$%&'*+.^_`|~\w-]+) (\S+) (HTTP\/1\.[01])$/.exec(line)
  if (match === null) return { problem: 'this is an HTTP proxy, and that is no request of HTTP/1' }
  const [, method = '', target = '', version = ''] = match
  const lines = text.slice(lineEnd + 1)
  if (method === 'CONNECT') {
    const address = parseHost(target, 0)
    if (address === undefined) return { problem: 'CONNECT needs a host and a port' }
    return { kind: 'connect', target: address, head: Buffer.alloc(0), body: 0 }
  }
  const url = /^http:\/\/(?:[^/?#@]*@)?([^/?#]+)([^#]*)/i.exec(target)
  const address = url && parseHost(url[1] ?? '', 80)
  if (url === null || address === null || address === undefined) {
    return { problem: 'this is a proxy of keploy-framework, and the request names no http: URL' }
  }
  const path = url[2] ?? ''
  const kept = lines.replaceAll(/^(?:Proxy-Connection|Proxy-Authorization):[^\n]*\n/gim, '')
  const first = `${method} ${path.startsWith('/') ? path : `/${path}`} ${version}\r\n`
  return { kind: 'forward', target: address, head: Buffer.from(first + kept, 'latin1'), body: bodyOf(lines) }
}

function bodyOf(lines: string): BodyLength {
  const body = bodyLength(lines)
  // After a change of protocol the rest of the connection belongs to it.
  return body !== 'chunked' && /^Upgrade:/im.test(lines) ? Number.MAX_SAFE_INTEGER : body
}
