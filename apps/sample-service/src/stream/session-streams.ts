import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { WebSocketServer, type WebSocket } from 'ws'

import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import { STREAM_PROTOCOL, tokenOfUpgrade } from '../auth/token-of-request.ts'
import type { Identity, TokenVerifier } from '../auth/token-verifier.ts'
import { UnauthorizedError } from '../auth/unauthorized-error.ts'
import type { Delta } from '../conversation/deltas.ts'
import { HttpError } from '../http/http-error.ts'
import type { UpgradeTaker } from '../http/upgrades.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import { requirePermission } from '../policy/require-permission.ts'
import type { PostgresSessionStore, StoredEvent } from '../sessions/postgres-session-store.ts'
import { SessionStream } from './session-stream.ts'
import { readStreamUrl } from './stream-url.ts'

export interface SessionStreamsOptions {
  store: PostgresSessionStore
  owners: SessionOwners
  policy: PolicyClient
  verifier: TokenVerifier
  /** Time between two questions whether a client is still there. Default 15,000. */
  heartbeatMs?: number
  /** How many clients at most; further ones get a 503. Default 10,000. */
  maxClients?: number
  onProblem?: (problem: string, error: unknown) => void
}

/** Clients say nothing here. */
const MAX_FRAME_BYTES = 1024
const CLOSE_GOING_AWAY = 1001
const CLOSE_UNSUPPORTED = 1003

/** All clients of this process that follow a session: `WS /v1/session/:id/stream?last_event_id=…`. A client
 * shows its token in one of the ways of `tokenOfUpgrade`; when the token expires, the next heartbeat ends the stream. */
export class SessionStreams implements UpgradeTaker, AsyncDisposable {
  readonly #options: Required<SessionStreamsOptions>
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    // Never the one that carries the token. A client that offers none is answered with none.
    handleProtocols: (offered) => offered.has(STREAM_PROTOCOL) && STREAM_PROTOCOL,
  })
  readonly #sessions = new Map<string, Set<SessionStream>>()
  readonly #heartbeat: NodeJS.Timeout

  constructor(options: SessionStreamsOptions) {
    this.#options = { heartbeatMs: 15_000, maxClients: 10_000, onProblem: () => {}, ...options }
    this.#heartbeat = setInterval(() => {
      for (const streams of this.#sessions.values()) for (const stream of streams) stream.beat(Date.now())
    }, this.#options.heartbeatMs)
    this.#heartbeat.unref()
  }

  takes(target: string): boolean {
    return readStreamUrl(target) !== undefined
  }

  /** There are new events in a session. */
  wake(session_id: string): void {
    for (const stream of this.#sessions.get(session_id) ?? []) stream.wake()
  }

  /** A piece of an answer has come. */
  piece(delta: Delta): void {
    for (const stream of this.#sessions.get(delta.session_id) ?? []) stream.piece(delta)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat)
    for (const socket of this.#server.clients) socket.close(CLOSE_GOING_AWAY, 'The server stops')
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    // A client that does not answer the farewell is not waited for.
    const impatient = setTimeout(() => {
      for (const socket of this.#server.clients) socket.terminate()
    }, 1_000)
    await closed
    clearTimeout(impatient)
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const wanted = readStreamUrl(request.url ?? '')
    if (!wanted) throw new HttpError(404, 'Not Found')
    if (this.#server.clients.size >= this.#options.maxClients) {
      throw new HttpError(503, 'Too many clients follow sessions')
    }
    const { session_id, last_event_id } = wanted
    const { store, owners, policy, verifier } = this.#options
    const token = tokenOfUpgrade(request.headers, request.url ?? '')
    if (token === undefined) throw new UnauthorizedError('A token is needed')
    const identity = await verifier.verify(token)
    await requirePermission(policy, identity.user, 'conversation.read')
    // A client may follow its session before the first message.
    if (!(await owners.claim(session_id, identity.user))) throw sessionNotFound()
    let after: StoredEvent | undefined
    if (last_event_id !== undefined) {
      after = await store.findEvent(session_id, last_event_id)
      if (!after) throw new HttpError(404, 'The session has no event last_event_id')
    }
    this.#server.handleUpgrade(request, socket, head, (client) => this.#follow(client, session_id, after, identity))
  }

  #follow(socket: WebSocket, session_id: string, after: StoredEvent | undefined, { expiresAt }: Identity): void {
    const { store, onProblem } = this.#options
    const stream = new SessionStream({ socket, store, session_id, after, expiresAt, onProblem })
    const streams = this.#sessions.get(session_id) ?? new Set()
    this.#sessions.set(session_id, streams.add(stream))
    socket.on('message', () => socket.close(CLOSE_UNSUPPORTED, 'Messages are sent to POST /v1/session/message'))
    // A frame that is too large or malformed: ws closes the connection with the right code.
    socket.on('error', () => {})
    socket.on('close', () => {
      streams.delete(stream)
      if (streams.size === 0 && this.#sessions.get(session_id) === streams) this.#sessions.delete(session_id)
    })
    stream.wake()
  }
}
