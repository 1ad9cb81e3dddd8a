import net, { type LookupFunction, type Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'

import type { Route, TlsPolicy } from './handler.ts'

/** Opens the connection to where a route leads, with TLS from the first byte where the route says so. */
export function connectUpstream(route: Route, lookup?: LookupFunction): Socket {
  const { target } = route
  const found: { readonly lookup?: LookupFunction } = lookup === undefined ? {} : { lookup }
  if ('path' in target) return net.connect({ path: target.path, allowHalfOpen: true })
  if (route.tls.mode !== 'direct') return net.connect({ ...target, ...found, allowHalfOpen: true, noDelay: true })
  return tls.connect({ ...target, ...found, ...tlsOptions(route), allowHalfOpen: true } as tls.ConnectionOptions)
}

/** Begins TLS as a client on a connection that was plain until now. */
export function beginTls(socket: Socket, route: Route): TLSSocket {
  return tls.connect({ socket, ...tlsOptions(route) })
}

function tlsOptions({ tls: policy, target }: Route): tls.ConnectionOptions {
  const host = 'host' in target ? target.host : ''
  const servername = policy.servername ?? (net.isIP(host) === 0 ? host : '')
  return {
    servername,
    rejectUnauthorized: policy.verify ?? policy.mode === 'direct',
    ...given(policy),
  }
}

function given({ ca, cert, key, alpn }: TlsPolicy): tls.ConnectionOptions {
  return {
    ...(ca !== undefined && { ca: [...tls.rootCertificates, ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
  }
}
