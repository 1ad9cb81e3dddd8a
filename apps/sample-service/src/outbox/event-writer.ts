import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import type { ConversationEvent, InboundMessage } from '../events/conversation-event.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import { addToOutbox } from './outbox.ts'

interface Waiting {
  session_id: string
  user: UserKey
  event: ConversationEvent
  message: InboundMessage
  topic: string
  done: (isNew: boolean) => void
  failed: (error: unknown) => void
}

/** How many events one transaction takes at most. */
const BATCH = 500

/**
 * Stores events with their outbox messages, many requests in one transaction: while one is being committed, those that
 * come are gathered for the next. One request alone does not wait; a thousand share a handful of commits.
 */
export class EventWriter implements AsyncDisposable {
  readonly #database: Database
  readonly #store: PostgresSessionStore
  readonly #owners: SessionOwners
  readonly #onCommitted: () => void
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

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
  write(event: ConversationEvent, topic: string, user: UserKey, message: InboundMessage = event): Promise<boolean> {
    return new Promise((done, failed) => {
      this.#waiting.push({ session_id: event.session_id, user, event, message, topic, done, failed })
      this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    // Requests of the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const taken = this.#waiting.splice(0, BATCH)
      let batch = taken
      let fresh = new Set<Waiting>()
      try {
        await this.#database.query.transaction().execute(async (transaction) => {
          const refused = await this.#owners.claimAll(transaction, taken)
          batch = taken.filter((waiting) => !refused.has(waiting))
          for (const { failed } of refused) failed(sessionNotFound())
          const stored = await this.#store.appendEvents(
            transaction,
            batch.map(({ event }) => event),
          )
          // The first of two with the same id is the one that is stored.
          fresh = new Set(batch.filter(({ event }) => stored.delete(event.event_id)))
          await addToOutbox(
            transaction,
            [...fresh].map(({ message, topic }) => ({ topic, key: message.session_id, value: message })),
          )
        })
      } catch (error) {
        for (const { failed } of taken) failed(error)
        continue
      }
      for (const waiting of batch) {
        this.#owners.remember(waiting.session_id, waiting.user)
        waiting.done(fresh.has(waiting))
      }
      this.#onCommitted()
    }
  }
}
