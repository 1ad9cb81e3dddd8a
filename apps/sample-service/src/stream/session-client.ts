import { messageOf } from '../agent-requests/agent-requests.ts'
import { isUnavailable } from '../database/is-unavailable.ts'
import type { RequestMetadata } from '../events/conversation-event.ts'
import type { Conversations } from '../gateway/conversations.ts'
import type { NewMessage } from '../gateway/schemas.ts'
import { HttpError } from '../http/http-error.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import { requirePermission } from '../policy/require-permission.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import type { SocketIdentity } from '../sockets/connection.ts'
import type { Incoming } from '../sockets/inbox.ts'
import type { SessionUiState } from '../ui-state/session-ui-state.ts'
import { readClientFrame, type ClientFrame } from './client-frames.ts'
import { frameError, refusalFrame } from './server-frames.ts'

export interface SessionClientOptions {
  session_id: string
  identity: SocketIdentity
  /** Where the client connected from. */
  request: RequestMetadata
  conversations: Conversations
  policy: PolicyClient
  limiter: InFlightLimiter
  uiState: SessionUiState
  onProblem: (problem: string, error: unknown) => void
}

/** What one client of a session says. Every message has one answer: that it was done, or why not. */
export class SessionClient {
  readonly #options: SessionClientOptions

  constructor(options: SessionClientOptions) {
    this.#options = options
  }

  /** Does what a message asks for, and resolves with the answer. Never rejects. */
  async handle(message: Incoming): Promise<object> {
    const read = readClientFrame(message)
    if ('refusal' in read) return read.refusal
    const id = read.frame.id ?? null
    try {
      return await this.#do(read.frame)
    } catch (error) {
      const known = isUnavailable(error) ? new HttpError(503, 'The database does not answer', { cause: error }) : error
      const refusal = refusalFrame(known, id)
      if (refusal) return refusal
      this.#options.onProblem(`a message in session ${this.#options.session_id} failed`, error)
      return frameError('INTERNAL_ERROR', 'Internal Server Error', { id })
    }
  }

  async #do(frame: ClientFrame): Promise<object> {
    switch (frame.type) {
      case 'ping':
        return { type: 'pong', id: frame.id ?? null }
      case 'ui_state': {
        const { at, stale } = await this.#options.uiState.apply(frame)
        return { type: 'ui_state_ack', id: frame.id ?? null, timestamp: at, stale }
      }
      case 'message':
        return this.#say(frame, frame.id)
      case 'agent_request':
        return this.#say(messageOf(frame), frame.id)
    }
  }

  /** The way of `POST /v1/session/message`: permission, a place among the user's requests, the transaction. */
  async #say({ message, attachments, metadata, persona_id }: NewMessage, id: string): Promise<object> {
    const { session_id, identity, request, conversations, policy, limiter } = this.#options
    const { user, token } = identity
    await requirePermission(policy, user, 'conversation.write', persona_id)
    const release = await limiter.acquire(JSON.stringify([user.tenant, user.id]))
    try {
      const said = { session_id, message, attachments, metadata, persona_id }
      const speaker = { user, authorization: `Bearer ${token}`, request, key: `${session_id} ${id}` }
      const { event, duplicate } = await conversations.accept(said, speaker)
      return { type: 'ack', id, session_id, event_id: event.event_id, duplicate }
    } finally {
      release()
    }
  }
}
