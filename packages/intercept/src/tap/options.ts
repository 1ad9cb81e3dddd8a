import type { CodecEvent } from '@keploy-framework/wire'

/** Where a tap listens. */
export type TapListen =
  | {
      /** Default 127.0.0.1. */
      readonly host?: string
      /** Default 0: any free port. */
      readonly port?: number
    }
  | {
      /** A Unix socket. */
      readonly path: string
    }

/** TLS towards the target. */
export interface TargetTls {
  /** Certificates to trust beside the system's, as PEM. */
  readonly ca?: string
  /** The name to ask for and to check; default the target's host. */
  readonly servername?: string
  /** Default true. */
  readonly rejectUnauthorized?: boolean
}

/** Where the service listens. */
export type TapTarget =
  | { readonly host: string; readonly port: number; readonly tls?: boolean | TargetTls }
  | { readonly path: string }

export interface TapOptions {
  readonly listen: TapListen
  readonly target: TapTarget
  /** Told what the codec makes of the traffic. Called after the chunk was sent on or queued; what it throws is counted. */
  readonly onEvent: (event: CodecEvent) => void
  /**
   * Called once per turn of the event loop, before chunks towards clients are released: what it has written to disk is
   * there before any client sees its answer. What it throws is reported as a gap, and the chunks are released.
   */
  readonly beforeRelease?: () => void
  /** Let one request in at a time, so that each call of the service has one cause. Default: false. */
  readonly serial?: boolean
  /** Bytes of one body, stream item or message that are kept, default 1 MiB. */
  readonly bodyLimit?: number
  /** Ends TLS at the tap with this certificate and key (PEM), for services that clients reach by HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** What a tap has seen so far. */
export interface TapStats {
  /** Connections accepted. */
  readonly connections: number
  /** Connections open now. */
  readonly active: number
  /** Exchanges closed. */
  readonly exchanges: number
  /** Stretches of traffic that could not be parsed, and failures of who was told. */
  readonly gaps: number
  /** Bytes from clients. */
  readonly bytesIn: number
  /** Bytes towards clients. */
  readonly bytesOut: number
}

/** A running tap. */
export interface Tap extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string }
  stats(): TapStats
  /** The connection of clients whose traffic reaches the service from this port of ours. */
  connectionAt(port: number): number | undefined
  /**
   * Stops accepting, ends idle connections, waits up to `graceMs` (default 5000) for exchanges under way, then breaks
   * what is left. Exchanges that were open then close as `open`. Calling it again waits for the first call.
   */
  close(options?: { graceMs?: number }): Promise<void>
}
