import type { ProtocolName } from '@keploy-framework/format'
import type { Authority } from '@keploy-framework/wire'

/** How a server is to be reached as far as TLS goes, as the configuration of the service says. */
export interface TlsPolicy {
  /** `direct`: TLS from the first byte. `prefer` and `require`: within the protocol, after a plain beginning. */
  readonly mode: 'off' | 'direct' | 'prefer' | 'require'
  /** Whether the client would have checked the certificate. Default: true with `direct`. */
  readonly verify?: boolean
  /** The name to ask for and to check. Default: the host. */
  readonly servername?: string
  /** Certificates to trust beside the system's, as PEM. */
  readonly ca?: string
  /** The certificate and key of the client, as PEM. */
  readonly cert?: string
  readonly key?: string
  /** Protocols to offer (ALPN), as the client did. */
  readonly alpn?: readonly string[]
}

/** Where a connection of the service leads. */
export interface Route {
  /** What is called, as people know it and without credentials: `postgres db:5432`. Mocks are kept apart by it. */
  readonly dependency: string
  /** `auto`: by the first bytes. */
  readonly protocol: ProtocolName | 'auto'
  readonly target: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly tls: TlsPolicy
  /** How the connection came to us. */
  readonly via: 'relay' | 'proxy' | 'hook'
  /** Where the service was led to a relay: what its requests name, and what that stands for. */
  readonly authority?: Authority
  /** What the service logs in with. Stays in memory. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

/**
 * The request to the service that a write belongs to, as the service sees it: the port of its client (the tap, or the
 * sender), and the how manyth request of that connection it is, from 0. Port 0: it is known to belong to none.
 */
export interface InboundRequest {
  readonly clientPort: number
  readonly ordinal: number
}

/** What a handler may do to the service's side of a connection. */
export interface ClientSide {
  /** Sends bytes to the service. Never called before `serve` has returned. */
  send(bytes: Uint8Array): void
  close(how: 'end' | 'reset'): void
  /** The service begins TLS now; what is pushed from here on is plain text again. `rest` was pushed already and belongs to TLS. */
  startTls(rest?: Uint8Array): void
  /**
   * Tells the service that the connection cannot be made, by a code such as `ECONNREFUSED`, `ENOTFOUND` or
   * `CERT_HAS_EXPIRED`. Given by the hook only; counts while `serve` has not returned.
   */
  refuse?(reason: string): void
  /** Chooses one of the protocols that the service offers (ALPN). Given by the hook only; counts as `refuse` does. */
  selectAlpn?(protocol: string): void
  /** Where the service reached us. */
  readonly address: { readonly host: string; readonly port: number }
}

/** A connection of the service that is answered from mocks. */
export interface ServedConnection {
  /** Bytes of the service. `cause` is given where it is known which request they belong to. */
  push(chunk: Uint8Array, cause?: InboundRequest): void
  /** The service sent its end. */
  end(): void
  /** The connection is gone. */
  close(): void
}

/** A connection of the service to the real server, of which copies of all bytes are given. */
export interface ObservedConnection {
  /** `at` in milliseconds since the epoch. */
  push(from: 'client' | 'server', chunk: Uint8Array, at: number, cause?: InboundRequest): void
  end(from: 'client' | 'server', at: number): void
  /** TLS stands, with the protocol that was agreed on (ALPN), if one was. Told by the hook only. */
  secured?(tls: { readonly alpn?: string }): void
  /** The connection broke, or could not be made; `reason` is a code such as `ECONNREFUSED`, `by` who broke it, where that is known. */
  abort(at: number, reason?: string, by?: 'client' | 'server'): void
}

/** What happens to connections of the service. A recording observes them, a replay serves them. */
export type ConnectionHandler =
  | { readonly mode: 'record'; observe(route: Route): ObservedConnection }
  | { readonly mode: 'replay'; serve(route: Route, client: ClientSide): ServedConnection }
