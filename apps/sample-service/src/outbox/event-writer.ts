import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import type { UserKey } from '../auth/user.ts'
import { Batcher } from '../database/batcher.ts'
import type { Database } from '../database/database.ts'
import { isUnavailable } from '../database/is-unavailable.ts'
import type { ConversationEvent, InboundMessage } from '../events/conversation-event.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import { addToOutbox } from './outbox.ts'

interface Write {
  session_id: string
  user: UserKey
  event: ConversationEvent
  message: InboundMessage
  topic: string
}

type Outcome = 'new' | 'known' | 'refused'

/** Stores events with their outbox messages, those of many requests in one transaction. */
export class EventWriter implements AsyncDisposable {
  readonly #database: Database
  readonly #store: PostgresSessionStore
  readonly #owners: SessionOwners
  readonly #onCommitted: () => void
  readonly #writes = new Batcher<Write, Outcome>((writes) => this.#commit(writes), { failsAll: isUnavailable })

  constructor(database: Database, store: PostgresSessionStore, owners: SessionOwners, onCommitted: () => void) {
    this.#database = database
    this.#store = store
    this.#owners = owners
    this.#onCommitted = onCommitted
  }

  /**
   * Resolves when the event and the message for `topic` are committed; rejects when neither is known to be. A session
   * that is nobody's becomes the user's in the same transaction. Resolves with whether the event is new: one whose id is
   * stored already changes nothing, and is not published again.
   *
   * What is published may hold more than what is stored: for whom tools are to run.
   *
   * @throws HttpError 404 when the session is another user's
   */
  async write(
    event: ConversationEvent,
    topic: string,
    user: UserKey,
    message: InboundMessage = event,
  ): Promise<boolean> {
    const outcome = await this.#writes.add({ session_id: event.session_id, user, event, message, topic })
    if (outcome === 'refused') throw sessionNotFound()
    return outcome === 'new'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writes[Symbol.asyncDispose]()
  }

  async #commit(writes: readonly Write[]): Promise<Outcome[]> {
    const outcomes = await this.#database.query.transaction().execute(async (transaction) => {
      const refused = await this.#owners.claimAll(transaction, writes)
      const claimed = writes.filter((write) => !refused.has(write))
      const stored = await this.#store.appendEvents(
        transaction,
        claimed.map(({ event }) => event),
      )
      // The first of two with the same id is the one that is stored.
      const fresh = new Set(claimed.filter(({ event }) => stored.delete(event.event_id)))
      await addToOutbox(
        transaction,
        [...fresh].map(({ message, topic }) => ({ topic, key: message.session_id, value: message })),
      )
      return writes.map((write): Outcome => (refused.has(write) ? 'refused' : fresh.has(write) ? 'new' : 'known'))
    })
    for (const [index, { session_id, user }] of writes.entries()) {
      if (outcomes[index] !== 'refused') this.#owners.remember(session_id, user)
    }
    this.#onCommitted()
    return outcomes
  }
}
