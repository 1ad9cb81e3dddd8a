import type { Authority } from '../http-calls/authority.ts'

/** What a relay does with a chunk. */
export type RelayStep =
  /** Sends bytes on, to the other side. */
  | { readonly type: 'forward'; readonly bytes: Uint8Array }
  /** Sends bytes back to the side that the chunk came from. */
  | { readonly type: 'reply'; readonly bytes: Uint8Array }
  /** TLS begins on this side, right after the bytes of the steps before; `forward` and `reply` are plain text from then on. */
  | {
      readonly type: 'start-tls'
      readonly side: 'client' | 'server'
      /** What came of that side already and belongs to TLS, for protocols in which the client goes on without waiting. */
      readonly rest?: Uint8Array
    }

export interface RewriterOptions {
  /** The relay that leads to an address which a server named; it is opened when there is none yet. */
  readonly relayFor: (host: string, port: number) => Promise<{ readonly host: string; readonly port: number }>
  /** Whether the server is to be reached by TLS, as the configuration of the service says. */
  readonly tls: 'off' | 'prefer' | 'require'
  /** For protocols whose requests name the server: how the client names the relay, and what it stands for. */
  readonly authority?: Authority
  /** What the service logs in with, as its configuration says. For logins that name the connection they come over. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

/**
 * Stands in a relay where a protocol needs a change to what goes by. Only that changes; all other bytes go on as they came.
 * A rewriter that does not understand what it sees forwards it, from then on untouched.
 */
export interface RelayRewriter {
  fromClient(chunk: Uint8Array): readonly RelayStep[] | Promise<readonly RelayStep[]>
  fromServer(chunk: Uint8Array): readonly RelayStep[] | Promise<readonly RelayStep[]>
  /** A side ended or broke off, in the middle of a message perhaps: what is kept of it, to be sent on to the other one. */
  end(side: 'client' | 'server'): readonly Uint8Array[]
}
