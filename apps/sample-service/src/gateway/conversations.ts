import { randomUUID } from 'node:crypto'

import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import type { User, UserKey } from '../auth/user.ts'
import type { SessionCache } from '../cache/session-cache.ts'
import type { Page } from '../database/page.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import { topics } from '../events/topics.ts'
import type { EventWriter } from '../outbox/event-writer.ts'
import type { ListOptions, PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import type { TokenSeal } from '../upstream/token-seal.ts'
import type { NewMessage } from './schemas.ts'

export interface ConversationsOptions {
  store: PostgresSessionStore
  writer: EventWriter
  owners: SessionOwners
  cache: SessionCache
  /** Seals tokens, which tools need when the message is long answered. */
  seal: TokenSeal
  /** Told when the cache fails. Nobody else notices. */
  onProblem: (problem: string, error: unknown) => void
  /** Makes ids of sessions and events. Default: random UUIDs. */
  newId?: () => string
}

/** How long an event is cached. Events never change, so a cached one is never wrong. */
const TTL_SECONDS = 3600

/** What clients do with conversations, whatever the protocol. */
export class Conversations {
  readonly #options: ConversationsOptions

  constructor(options: ConversationsOptions) {
    this.#options = options
  }

  /**
   * Resolves when the message is stored and will be published, whatever happens from then on.
   *
   * @throws HttpError 404 when the session is another user's, as all methods do
   */
  async accept(said: NewMessage, user: User, authorization?: string): Promise<ConversationEvent> {
    const { writer, seal, newId = randomUUID } = this.#options
    const event: ConversationEvent = {
      event_id: newId(),
      session_id: said.session_id ?? newId(),
      role: 'user',
      message: said.message,
      attachments: said.attachments,
      metadata: said.metadata,
      persona_id: said.persona_id,
    }
    const { tenant, id, role } = user
    const sealed_authorization = authorization === undefined ? null : seal.close(authorization, user)
    const caller = { tenant, id, role, sealed_authorization }
    await writer.write(event, topics.inbound, user, event.persona_id === null ? event : { ...event, caller })
    // Not waited for: a slow cache shall not slow down messages.
    void this.#remember(event)
    return event
  }

  /** The newest events of a session first. */
  async list(session_id: string, user: UserKey, options: ListOptions): Promise<Page<ConversationEvent>> {
    await this.#requireOwner(session_id, user)
    return this.#options.store.listEvents(session_id, options)
  }

  /** From the cache if it is there. */
  async find(session_id: string, event_id: string, user: UserKey): Promise<ConversationEvent | undefined> {
    const { cache, store, onProblem } = this.#options
    await this.#requireOwner(session_id, user)
    try {
      const cached = await cache.get(cacheKey(session_id, event_id))
      if (cached !== undefined) return cached as ConversationEvent
    } catch (error) {
      onProblem('reading from the cache failed', error)
    }
    const found = await store.findEvent(session_id, event_id)
    if (found) void this.#remember(found.event)
    return found?.event
  }

  /** Sessions of others and sessions that are not there are the same to a client. */
  async #requireOwner(session_id: string, user: UserKey): Promise<void> {
    if (!(await this.#options.owners.isOwner(session_id, user))) throw sessionNotFound()
  }

  async #remember(event: ConversationEvent): Promise<void> {
    const { cache, onProblem } = this.#options
    try {
      await cache.set(cacheKey(event.session_id, event.event_id), event, TTL_SECONDS)
    } catch (error) {
      onProblem('writing to the cache failed', error)
    }
  }
}

/** Where an event is cached. */
export const cacheKey = (session_id: string, event_id: string): string => `session:${session_id}:event:${event_id}`
