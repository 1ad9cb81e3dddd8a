import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'

import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import type { User, UserKey } from '../auth/user.ts'
import { messageText } from '../bus/message-text.ts'
import type { SessionCache } from '../cache/session-cache.ts'
import type { Page } from '../database/page.ts'
import type { ConversationEvent, RequestMetadata } from '../events/conversation-event.ts'
import { topics } from '../events/topics.ts'
import { HttpError } from '../http/http-error.ts'
import { idOfKey, keyWasUsed } from '../idempotency/idempotency-key.ts'
import type { EventWriter } from '../outbox/event-writer.ts'
import type { ListOptions, PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import { steeringOf, type Steering } from '../ui-state/steering.ts'
import type { UiStates } from '../ui-state/ui-states.ts'
import type { Caller } from '../upstream/caller.ts'
import type { TokenSeal } from '../upstream/token-seal.ts'
import type { NewMessage } from './schemas.ts'

export interface ConversationsOptions {
  store: PostgresSessionStore
  writer: EventWriter
  owners: SessionOwners
  cache: SessionCache
  /** Seals tokens, which tools need when the message is long answered. */
  seal: TokenSeal
  /** What the user saw when they said something, which steers the tools of an agent. */
  uiStates: UiStates
  /** Told when the cache fails. Nobody else notices. */
  onProblem: (problem: string, error: unknown) => void
  /** Makes ids of sessions and events. Default: random UUIDs. */
  newId?: () => string
}

/** Who says something, and how they showed it. */
export interface Speaker {
  user: User
  /** What tools show to the upstream, as `Authorization` has it. */
  authorization?: string | undefined
  /** Where it came from, for the log of violations. */
  request?: RequestMetadata | undefined
  /** What the client calls this message. One that is sent again with the same key is stored once. */
  key?: string | undefined
}

export interface Accepted {
  event: ConversationEvent
  /** Whether it was stored before, and is only acknowledged again. */
  duplicate: boolean
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
   * @throws HttpError 404 when the session is another user's, as all methods do; 413 when it is more than a broker takes
   * @throws RequestValidationError when the key is that of another message
   */
  async accept(said: NewMessage, { user, authorization, request, key }: Speaker): Promise<Accepted> {
    const { writer, store, newId = randomUUID } = this.#options
    const idOf = (kind: string) => (key === undefined ? newId() : idOfKey(kind, user, key))
    const event: ConversationEvent = {
      event_id: idOf('message'),
      session_id: said.session_id ?? idOf('session'),
      role: 'user',
      message: said.message,
      attachments: said.attachments,
      metadata: said.metadata,
      persona_id: said.persona_id,
    }
    const message = {
      ...event,
      ...(request && { request }),
      ...(event.persona_id !== null && {
        caller: this.#callerOf(user, authorization),
        ui: await this.#steering(event.session_id, user),
      }),
    }
    requirePublishable(message)
    const isNew = await writer.write(event, topics.inbound, user, message)
    if (!isNew && !isDeepStrictEqual((await store.findEvent(event.session_id, event.event_id))?.event, event)) {
      throw keyWasUsed(key!)
    }
    // Not waited for: a slow cache shall not slow down messages.
    void this.#remember(event)
    return { event, duplicate: !isNew }
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

  /** For whom tools run. */
  #callerOf({ tenant, id, role }: User, authorization: string | undefined): Caller {
    const sealed = authorization === undefined ? null : this.#options.seal.close(authorization, { tenant, id })
    return { tenant, id, role, sealed_authorization: sealed }
  }

  async #steering(session_id: string, user: UserKey): Promise<Steering> {
    return steeringOf(await this.#options.uiStates.read({ session_id, user }))
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

/** A message that is accepted must not fail later: as JSON it may be larger than the request was. */
function requirePublishable(message: unknown): void {
  try {
    messageText(message)
  } catch (error) {
    throw new HttpError(413, 'The message is too large', { cause: error })
  }
}

/** Where an event is cached. */
export const cacheKey = (session_id: string, event_id: string): string => `session:${session_id}:event:${event_id}`
