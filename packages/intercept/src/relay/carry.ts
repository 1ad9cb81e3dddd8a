import type { LookupFunction, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import tls, { TLSSocket } from 'node:tls'

import { createRelayRewriter, type RelayRewriter } from '@keploy-framework/wire'

import { apiName } from '../discover/api-name.ts'
import { hostText } from '../discover/setting.ts'
import type { ConnectionHandler, Route } from './handler.ts'
import { RecordedLink } from './recorded-link.ts'
import { ServedLink } from './served-link.ts'
import { tellOfTls } from './tell-of-tls.ts'

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
  /** Finds the address of a server by its name. Default: as this machine does. */
  readonly lookup?: LookupFunction
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
export function carry(handler: ConnectionHandler, client: Duplex, to: Route, context: CarryContext): CarriedConnection {
  const route = withAuthority(to, context)
  const side = context.clientTls === true ? endTls(client, route, context) : client
  if (side === client && route.via === 'relay') tellOfTls(client, to, (problem) => context.onProblem(route, problem))
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

/** A service that was led to a relay takes it for the server, and names it in its requests. */
function withAuthority(route: Route, { address }: CarryContext): Route {
  const { target, tls: policy, via } = route
  if (via !== 'relay' || !('host' in target)) return route
  const [, name = ''] = apiName(policy.mode === 'direct', target).split(' ')
  return { ...route, authority: { relay: `${hostText(address.host)}:${address.port}`, target: name } }
}

function rewriterOf(route: Route, context: CarryContext): RelayRewriter | undefined {
  if (route.protocol === 'auto') return undefined
  const { mode } = route.tls
  return createRelayRewriter(route.protocol, {
    relayFor: context.relayFor,
    ...(route.authority !== undefined && { authority: route.authority }),
    ...(route.credentials !== undefined && { credentials: route.credentials }),
    tls: mode === 'prefer' || mode === 'require' ? mode : 'off',
  })
}
