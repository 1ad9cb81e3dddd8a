import { Batcher } from '../database/batcher.ts'
import type { Database } from '../database/database.ts'
import { isUnavailable } from '../database/is-unavailable.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import { topics } from '../events/topics.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import { noteProcessed } from './once-per-event.ts'
import { addToOutbox } from './outbox.ts'

interface Answered {
  /** The id of the event that is answered. */
  asked: string
  answer: ConversationEvent
}

export interface AnswerWriterOptions {
  database: Database
  store: PostgresSessionStore
  /** Who answers; what it has answered is noted under this name. */
  consumer: string
  /** Called when answers are committed, so that they are published at once. */
  onCommitted: () => void
}

/**
 * Stores answers with their messages for `conversation.outbound`, each once however often its question is delivered, and
 * those that are ready together in one transaction.
 */
export class AnswerWriter implements AsyncDisposable {
  readonly #options: AnswerWriterOptions
  readonly #answers = new Batcher<Answered, void>((answers) => this.#commit(answers), { failsAll: isUnavailable })

  constructor(options: AnswerWriterOptions) {
    this.#options = options
  }

  /** Resolves when the answer is committed, or another one was before. */
  write(asked: string, answer: ConversationEvent): Promise<void> {
    return this.#answers.add({ asked, answer })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answers[Symbol.asyncDispose]()
  }

  async #commit(answered: readonly Answered[]): Promise<void[]> {
    const { database, store, consumer, onCommitted } = this.#options
    await database.query.transaction().execute(async (transaction) => {
      const unanswered = await noteProcessed(
        transaction,
        consumer,
        answered.map(({ asked }) => asked),
      )
      const answers = answered.filter(({ asked }) => unanswered.delete(asked)).map(({ answer }) => answer)
      await store.appendEvents(transaction, answers)
      await addToOutbox(
        transaction,
        answers.map((answer) => ({ topic: topics.outbound, key: answer.session_id, value: answer })),
      )
    })
    onCommitted()
    return answered.map(() => {})
  }
}
