import { PoisonError } from '../bus/errors.ts'
import type { Delivery, EventBus } from '../bus/event-bus.ts'
import type { Database } from '../database/database.ts'
import { whileAvailable } from '../database/while-available.ts'
import { conversationEvent, type ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import { topics } from '../events/topics.ts'
import { describeProblems, validateEvent } from '../events/validate-event.ts'
import type { LanguageModel } from '../model/language-model.ts'
import { oncePerEvent, wasProcessed } from '../outbox/once-per-event.ts'
import { addToOutbox } from '../outbox/outbox.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import { DeltaPublisher } from './deltas.ts'
import { promptOf } from './prompt.ts'

export interface ConversationWorkerOptions {
  database: Database
  store: PostgresSessionStore
  bus: EventBus
  model: LanguageModel
  /** Called when an answer is committed, so that it is published at once. */
  onCommitted: () => void
}

const GROUP = 'conversation-worker'
/** How many earlier events the model is told. */
const HISTORY = 20

/** Answers what users say: reads `conversation.inbound`, writes answers for `conversation.outbound`. */
export class ConversationWorker implements AsyncDisposable {
  readonly #options: ConversationWorkerOptions
  #consumer: AsyncDisposable | undefined

  constructor(options: ConversationWorkerOptions) {
    this.#options = options
  }

  async start(): Promise<this> {
    this.#consumer = await this.#options.bus.consume(topics.inbound, GROUP, (delivery) =>
      whileAvailable(() => this.#handle(delivery)),
    )
    return this
  }

  /** Finishes the answers that are being written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.[Symbol.asyncDispose]()
  }

  async #handle({ value }: Delivery): Promise<void> {
    const validated = validateEvent(value, conversationEvent)
    if ('problems' in validated) throw new PoisonError(describeProblems(conversationEvent, validated.problems))
    const asked = validated.event
    const { database, store, onCommitted } = this.#options
    if (asked.role !== 'user' || (await wasProcessed(database, GROUP, asked.event_id))) return

    const answer = await this.#answer(asked)
    await oncePerEvent(database, GROUP, asked.event_id, async (transaction) => {
      await store.appendEvents(transaction, [answer])
      await addToOutbox(transaction, [{ topic: topics.outbound, key: answer.session_id, value: answer }])
    })
    onCommitted()
  }

  async #answer(asked: ConversationEvent): Promise<ConversationEvent> {
    const { store, bus, model } = this.#options
    const event_id = derivedId('answer', asked.event_id)
    const { items } = await store.listEvents(asked.session_id, { limit: HISTORY })
    const deltas = new DeltaPublisher(bus, asked.session_id, event_id)
    let message = ''
    for await (const text of model.answer(promptOf(items, asked))) {
      message += text
      deltas.add(text)
    }
    await deltas.end()
    return {
      event_id,
      session_id: asked.session_id,
      role: 'assistant',
      message,
      attachments: [],
      metadata: { in_reply_to: asked.event_id, model: model.name },
      persona_id: asked.persona_id,
    }
  }
}
