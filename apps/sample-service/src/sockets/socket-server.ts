import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { WebSocketServer } from 'ws'

import { tokenOfUpgrade } from '../auth/token-of-request.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import { UnauthorizedError } from '../auth/unauthorized-error.ts'
import { closeCodes } from './close-codes.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { Connection, type SocketIdentity } from './connection.ts'

export interface SocketServerOptions {
  verifier: TokenVerifier
  /** What is answered to a browser that offers it, as it has to when it sends its token as another subprotocol. */
  protocol: string
  /** Shared by all servers of a process. Default: limits of its own. */
  limits?: ConnectionLimits | undefined
  /** Time between two questions whether a client is still there. Default 15,000. */
  heartbeatMs?: number | undefined
  /** How large a message of a client may be; larger ones end the connection with 1009. Default 1,024. */
  maxMessageBytes?: number | undefined
  /** Called with each heartbeat. */
  onHeartbeat?: () => void
}

export interface UpgradeRequest {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
}

/** How long a client has for the goodbye when the server stops. */
const FAREWELL_MS = 1_000

/**
 * What all WebSockets of the platform have in common: who may open one and how many, heartbeat, the end of tokens, the
 * end of the server. What is said on them is up to who uses it.
 */
export class SocketServer implements AsyncDisposable {
  readonly connections = new Set<Connection>()
  readonly #verifier: TokenVerifier
  readonly #limits: ConnectionLimits
  readonly #server: WebSocketServer
  readonly #heartbeat: NodeJS.Timeout

  constructor(options: SocketServerOptions) {
    const { verifier, protocol, limits, heartbeatMs = 15_000, maxMessageBytes = 1024, onHeartbeat } = options
    this.#verifier = verifier
    this.#limits = limits ?? new ConnectionLimits()
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      // Never the one that carries the token. A client that offers none is answered with none.
      handleProtocols: (offered) => offered.has(protocol) && protocol,
    })
    this.#heartbeat = setInterval(() => {
      const now = Date.now()
      for (const connection of this.connections) connection.beat(now)
      onHeartbeat?.()
    }, heartbeatMs)
    this.#heartbeat.unref()
  }

  /**
   * Whose handshake this is.
   *
   * @throws HttpError 401 without a valid token; 503 when there is no room
   */
  async identify(request: IncomingMessage): Promise<SocketIdentity> {
    this.#limits.requireRoom()
    const token = tokenOfUpgrade(request.headers, request.url ?? '')
    if (token === undefined) throw new UnauthorizedError('A token is needed')
    return { ...(await this.#verifier.verify(token)), token }
  }

  /**
   * Ends the handshake: `opened` gets the connection, or the client is told what is wrong with its request (a 4xx).
   *
   * @throws HttpError 429 or 503 when there are too many connections
   */
  open({ request, socket, head }: UpgradeRequest, identity: SocketIdentity, opened: (to: Connection) => void): void {
    const release = this.#limits.admit(identity.user)
    // Of every connection there is: also of one whose handshake fails.
    socket.once('close', release)
    if (socket.destroyed) release()
    this.#server.handleUpgrade(request, socket, head, (client) => {
      const connection = new Connection(client, identity)
      this.connections.add(connection)
      connection.onClose(() => this.connections.delete(connection))
      opened(connection)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat)
    for (const connection of this.connections) connection.end(closeCodes.goingAway, 'The server stops')
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    // A client that does not answer the farewell is not waited for.
    const impatient = setTimeout(() => {
      for (const connection of this.connections) connection.terminate()
    }, FAREWELL_MS)
    await closed
    clearTimeout(impatient)
  }
}
