import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import { STREAM_PROTOCOL } from '../auth/token-of-request.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import type { Delta } from '../conversation/deltas.ts'
import type { RequestMetadata } from '../events/conversation-event.ts'
import type { Conversations } from '../gateway/conversations.ts'
import { HttpError } from '../http/http-error.ts'
import type { UpgradeTaker } from '../http/upgrades.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import { requirePermission } from '../policy/require-permission.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import type { ConnectionLimits } from '../sockets/connection-limits.ts'
import type { Connection } from '../sockets/connection.ts'
import { Inbox } from '../sockets/inbox.ts'
import { SocketServer } from '../sockets/socket-server.ts'
import { SessionUiState } from '../ui-state/session-ui-state.ts'
import type { UiStates } from '../ui-state/ui-states.ts'
import { EventReader } from './event-reader.ts'
import { SessionClient } from './session-client.ts'
import { SessionStream } from './session-stream.ts'
import { readStreamUrl } from './stream-url.ts'

export interface SessionStreamsOptions {
  store: PostgresSessionStore
  owners: SessionOwners
  policy: PolicyClient
  verifier: TokenVerifier
  conversations: Conversations
  limiter: InFlightLimiter
  uiStates: UiStates
  /** How many WebSockets there may be. */
  limits?: ConnectionLimits
  /** Time between two questions whether a client is still there. Default 15,000. */
  heartbeatMs?: number
  /** How large a message of a client may be; larger ones end the stream with 1009. Default 2 MiB. */
  maxMessageBytes?: number
  onProblem?: (problem: string, error: unknown) => void
}

interface Followed {
  session_id: string
  /** The place of the last event that the client has. */
  after: number
  request: RequestMetadata
}

const MAX_MESSAGE_BYTES = 2 * 1024 * 1024
const MAX_USER_AGENT = 500

const originOf = ({ socket, headers }: IncomingMessage): RequestMetadata => ({
  ip: socket.remoteAddress ?? null,
  user_agent: headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
})

/** All clients of this process that follow a session: `WS /v1/session/:id/stream?last_event_id=…`. A client
 * shows its token in one of the ways of `tokenOfUpgrade`; when the token expires, the next heartbeat ends the stream. */
export class SessionStreams implements UpgradeTaker, AsyncDisposable {
  readonly #options: SessionStreamsOptions & Required<Pick<SessionStreamsOptions, 'onProblem'>>
  readonly #server: SocketServer
  readonly #reader: EventReader
  readonly #sessions = new Map<string, Set<SessionStream>>()
  readonly #inboxes = new Set<Inbox>()

  constructor(options: SessionStreamsOptions) {
    this.#options = { onProblem: () => {}, ...options }
    this.#reader = new EventReader(options.store)
    const { verifier, limits, heartbeatMs, maxMessageBytes = MAX_MESSAGE_BYTES } = options
    this.#server = new SocketServer({
      verifier,
      limits,
      heartbeatMs,
      maxMessageBytes,
      protocol: STREAM_PROTOCOL,
      // What was missed while the bus was away is made up for here.
      onHeartbeat: () => {
        for (const session_id of this.#sessions.keys()) this.wake(session_id)
      },
    })
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

  /** Finishes the messages that are being handled, and says goodbye. Those that wait were not acknowledged. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#inboxes].map((inbox) => inbox.stop()))
    await this.#server[Symbol.asyncDispose]()
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const wanted = readStreamUrl(request.url ?? '')
    if (!wanted) throw new HttpError(404, 'Not Found')
    const { store, owners, policy } = this.#options
    const identity = await this.#server.identify(request)
    const { session_id, last_event_id } = wanted
    if (session_id === undefined) throw new HttpError(422, 'Not an id of a session')
    await requirePermission(policy, identity.user, 'conversation.read')
    // A client may follow its session before the first message.
    if (!(await owners.claim(session_id, identity.user))) throw sessionNotFound()
    const after = last_event_id === undefined ? 0 : await store.positionOf(session_id, last_event_id)
    if (after === undefined) throw new HttpError(404, 'The session has no event last_event_id')
    this.#server.open({ request, socket, head }, identity, (connection) => {
      this.#follow(connection, { session_id, after, request: originOf(request) })
    })
  }

  #follow(connection: Connection, { session_id, after, request }: Followed): void {
    const { uiStates, onProblem } = this.#options
    const reader = this.#reader
    const { identity } = connection
    const uiState = new SessionUiState(uiStates, { session_id, user: identity.user })
    const stream = new SessionStream({ connection, reader, session_id, after, uiState, onProblem })
    const client = new SessionClient({ ...this.#options, session_id, identity, request, uiState, onProblem })
    const inbox = new Inbox(connection, (message) => client.handle(message))
    const streams = this.#sessions.get(session_id) ?? new Set()
    this.#sessions.set(session_id, streams.add(stream))
    this.#inboxes.add(inbox)
    connection.onClose(() => {
      this.#inboxes.delete(inbox)
      streams.delete(stream)
      if (streams.size === 0 && this.#sessions.get(session_id) === streams) this.#sessions.delete(session_id)
    })
    void stream.start()
  }
}
