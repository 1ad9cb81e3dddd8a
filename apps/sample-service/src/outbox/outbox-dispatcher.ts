import { sql } from 'kysely'

import { deadLetterOf } from '../bus/dead-letter.ts'
import { OversizeError } from '../bus/errors.ts'
import { deadLetterTopic, type BusMessage, type EventBus } from '../bus/event-bus.ts'
import { pause } from '../bus/retry.ts'
import type { Database, Query } from '../database/database.ts'

export interface OutboxDispatcherOptions {
  database: Database
  bus: EventBus
  /** How often the outbox is looked at without having been told, for what a crash left. Default 1,000. */
  pollMs?: number
  onProblem?: (problem: string, error: unknown) => void
}

const BATCH = 500
/** One number for all processes: whoever holds it publishes, so that the order of the outbox is that of the topics. */
const LOCK = 7_263_510_443
const MAX_BACKOFF_MS = 5_000
const PRUNE_EVERY_MS = 60_000

/**
 * Publishes what stands in the outbox, in its order, and marks it as sent. A crash between the two publishes again; the
 * consumers know their events (`oncePerEvent`).
 */
export class OutboxDispatcher implements AsyncDisposable {
  readonly #options: Required<OutboxDispatcherOptions>
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #wake = new AbortController()

  constructor(options: OutboxDispatcherOptions) {
    this.#options = { pollMs: 1_000, onProblem: () => {}, ...options }
    this.#running = this.#run()
  }

  /** To be called after each commit of a transaction with outbox messages. */
  notify(): void {
    this.#wake.abort()
  }

  /** Publishes what is there, if the bus can take it, and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#wake.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { pollMs, bus, onProblem } = this.#options
    let failures = 0
    let prunedAt = Date.now()
    let forgetful = !bus.durable
    for (;;) {
      const last = this.#closing.signal.aborted
      // Made before the outbox is read: what is committed after that wakes the next round.
      this.#wake = new AbortController()
      if (last) this.#wake.abort()
      try {
        // A bus that forgets has forgotten what an earlier process published.
        if (forgetful) await this.#reopen()
        forgetful = false
        while ((await this.#sendBatch()) === BATCH);
        failures = 0
        if (Date.now() - prunedAt > PRUNE_EVERY_MS) {
          prunedAt = Date.now()
          await this.#prune()
        }
      } catch (error) {
        failures += 1
        onProblem('publishing from the outbox failed', error)
      }
      if (last) return
      if (failures === 0) await pause(pollMs, this.#wake.signal)
      else await pause(Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures), this.#closing.signal)
    }
  }

  /** Resolves with how many messages were sent. */
  async #sendBatch(): Promise<number> {
    const { database } = this.#options
    return database.query.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(transaction)
      const rows = await unsent(transaction)
      if (rows.length === 0) return 0
      await Promise.all(
        [...Map.groupBy(rows, ({ topic }) => topic)].map(([topic, messages]) => this.#publish(topic, messages)),
      )
      const sequences = rows.map(({ sequence }) => sequence)
      await sql`update outbox set sent_at = now() where sequence = any(${sequences}::bigint[])`.execute(transaction)
      return rows.length
    })
  }

  /** What no broker takes becomes a dead letter: tried again and again it would hold up all that comes after it. */
  async #publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    const { bus, onProblem } = this.#options
    try {
      await bus.publish(topic, messages)
    } catch (error) {
      if (!(error instanceof OversizeError)) throw error
      if (messages.length > 1) {
        for (const message of messages) await this.#publish(topic, [message])
        return
      }
      onProblem(`a message for ${topic} cannot be published`, error)
      const { key, value } = messages[0]!
      const letter = deadLetterOf({ topic, value }, error, { group: 'outbox', attempts: 1 })
      await bus.publish(deadLetterTopic(topic), [{ key, value: letter }])
    }
  }

  async #reopen(): Promise<void> {
    await this.#options.database.query
      .updateTable('outbox')
      .set({ sent_at: null })
      .where('sent_at', 'is not', null)
      .execute()
  }

  async #prune(): Promise<void> {
    const { query } = this.#options.database
    await sql`delete from outbox where sent_at < now() - interval '1 hour'`.execute(query)
    // Longer than brokers keep records: what they can still deliver is still known.
    await sql`delete from processed_events where processed_at < now() - interval '30 days'`.execute(query)
  }
}

function unsent(transaction: Query) {
  return transaction
    .selectFrom('outbox')
    .select(['sequence', 'topic', 'key', 'value'])
    .where('sent_at', 'is', null)
    .orderBy('sequence')
    .limit(BATCH)
    .execute()
}
