import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import tls, { TLSSocket } from 'node:tls'

import { findProtocol, type RelayRewriter } from '@keploy-framework/wire'

import type { ConnectionHandler, Route } from './handler.ts'
import { RecordedLink } from './recorded-link.ts'
import { ServedLink } from './served-link.ts'

/** What connections that are carried need of where they came from. */
export interface CarryContext {
  /** Where the service reached us. */
  readonly address: { readonly host: string; readonly port: number }
  /** The certificate and key (PEM) for a name, when the service begins TLS with us. */
  readonly certificateFor: (host: string) => { readonly cert: string; readonly key: string }
  /** A relay for an address that a server named. */
  readonly relayFor: (host: string, port: number) => Promise<{ readonly host: string; readonly port: number }>
  /** Something that a person should know: the server refused, its certificate is not trusted, a rewriter gave up. */
  readonly onProblem: (route: Route, problem: string) => void
  /** Set where the service speaks TLS from the first byte. */
  readonly clientTls?: boolean
  /** A connection to the server that is open already, in a recording. Default: one is opened. */
  readonly upstream?: Socket
}

/** A connection under way. */
export interface CarriedConnection {
  /** Resolves when both sides are gone. */
  readonly closed: Promise<void>
  /** Breaks it off. */
  destroy(): void
}

/**
 * Takes a connection of the service over: a recording forwards it to where it leads and observes it; a replay answers it
 * and contacts nobody. Never throws: what goes wrong ends the connection as the real one would have ended.
 *
 * @example
 * const connection = carry(handler, socket, { dependency: 'redis db:6379', protocol: 'redis', target, tls: { mode: 'off' }, via: 'relay' }, context)
 */
export function carry(
  handler: ConnectionHandler,
  client: Duplex,
  route: Route,
  context: CarryContext,
): CarriedConnection {
  const side = context.clientTls === true ? endTls(client, route, context) : client
  if (handler.mode === 'replay') return new ServedLink(handler, side, route, context)
  return new RecordedLink(handler.observe(route), side, route, context, rewriterOf(route, context))
}

/** The server side of TLS over a connection of the service. */
export function endTls(client: Duplex, route: Route, context: CarryContext, before?: Buffer): TLSSocket {
  const host = route.tls.servername ?? ('host' in route.target ? route.target.host : 'localhost')
  const alpn = route.tls.alpn
  if (before !== undefined && before.length > 0) client.unshift(before)
  return new TLSSocket(client, {
    isServer: true,
    secureContext: tls.createSecureContext(context.certificateFor(host)),
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
  })
}

function rewriterOf(route: Route, context: CarryContext): RelayRewriter | undefined {
  if (route.protocol === 'auto') return undefined
  const { mode } = route.tls
  return findProtocol(route.protocol)?.createRewriter?.({
    relayFor: context.relayFor,
    tls: mode === 'prefer' || mode === 'require' ? mode : 'off',
  })
}
