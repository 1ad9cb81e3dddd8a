import type { SessionOwners } from '../auth/session-owners.ts'
import { budgetExceeded } from '../budget/budget-exceeded.ts'
import { NOBODY, type BudgetManager } from '../budget/budget-manager.ts'
import { estimateTokens } from '../budget/estimate-tokens.ts'
import type { Delivery, EventBus } from '../bus/event-bus.ts'
import type { ChainWorker } from '../chains/chain-worker.ts'
import { Batcher } from '../database/batcher.ts'
import type { Database } from '../database/database.ts'
import { isUnavailable } from '../database/is-unavailable.ts'
import { whileAvailable } from '../database/while-available.ts'
import { conversationEvent, type ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import { requireEvent } from '../events/require-event.ts'
import { topics } from '../events/topics.ts'
import { assertFits } from '../model/context-window.ts'
import type { LanguageModel, ModelMessage } from '../model/language-model.ts'
import { AnswerWriter } from '../outbox/answer-writer.ts'
import { oncePerEvent, processedOf } from '../outbox/once-per-event.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import { DeltaPublisher } from './deltas.ts'
import { emptyAnswer, finalReason, noAnswer } from './no-answer.ts'
import { promptOf } from './prompt.ts'

export interface ConversationWorkerOptions {
  database: Database
  store: PostgresSessionStore
  bus: EventBus
  owners: SessionOwners
  budgets: BudgetManager
  /** Those that have a budget of their own. A client could invent others, and a new budget with each. */
  personas: { has(persona_id: string): boolean }
  model: LanguageModel
  /** What works on messages to personas. */
  chains: ChainWorker
  /** Called when an answer is committed, so that it is published at once. */
  onCommitted: () => void
}

const GROUP = 'conversation-worker'
/** How many earlier events the model is told. */
const HISTORY = 20

/**
 * Answers what users say: reads `conversation.inbound`, writes answers for `conversation.outbound`. Messages that are
 * worked on at once share their statements.
 */
export class ConversationWorker implements AsyncDisposable {
  readonly #options: ConversationWorkerOptions
  readonly #answers: AnswerWriter
  readonly #processed: Batcher<string, boolean>
  readonly #histories: Batcher<string, ConversationEvent[]>
  #consumer: AsyncDisposable | undefined

  constructor(options: ConversationWorkerOptions) {
    this.#options = options
    const { database, store, onCommitted } = options
    const failsAll = isUnavailable
    this.#answers = new AnswerWriter({ database, store, consumer: GROUP, onCommitted })
    this.#histories = new Batcher((sessions) => store.newestOf(sessions, HISTORY), { failsAll })
    this.#processed = new Batcher(
      async (ids) => {
        const processed = await processedOf(database, GROUP, ids)
        return ids.map((id) => processed.has(id))
      },
      { failsAll },
    )
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
    const { caller, request: _, ui, ...asked } = requireEvent(value, conversationEvent)
    const { database, chains, onCommitted } = this.#options
    if (asked.role !== 'user' || (await this.#processed.add(asked.event_id))) return

    if (chains.takes(asked)) {
      await oncePerEvent(database, GROUP, asked.event_id, (transaction) =>
        chains.begin(transaction, asked, { caller, ui }),
      )
      return onCommitted()
    }

    const answer = await this.#answer(asked).catch((error: unknown) => {
      const reason = finalReason(error)
      if (reason) return noAnswer(asked, reason)
      throw error
    })
    await this.#answers.write(asked.event_id, answer)
  }

  async #answer(asked: ConversationEvent): Promise<ConversationEvent> {
    const { bus, model } = this.#options
    const event_id = derivedId('answer', asked.event_id)
    const prompt = promptOf(await this.#histories.add(asked.session_id), asked)
    assertFits({ messages: prompt })
    const refused = await this.#spend(asked, prompt)
    if (refused) return refused
    const deltas = new DeltaPublisher(bus, asked.session_id, event_id)
    let message = ''
    try {
      for await (const text of model.answer(prompt)) {
        message += text
        deltas.add(text)
      }
    } finally {
      await deltas.end()
    }
    if (message.trim() === '') return noAnswer(asked, emptyAnswer)
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

  /** Takes what the model will read from the budget; resolves with the answer of a message that exceeds it. */
  async #spend(asked: ConversationEvent, prompt: readonly ModelMessage[]): Promise<ConversationEvent | undefined> {
    const { owners, budgets, personas } = this.#options
    const tenant = (await owners.ownerOf(asked.session_id))?.tenant ?? NOBODY
    const persona = asked.persona_id !== null && personas.has(asked.persona_id) ? asked.persona_id : NOBODY
    const tokens = estimateTokens(prompt)
    const { allowed, total_tokens } = await budgets.consume(tenant, persona, tokens, asked.event_id)
    return allowed ? undefined : budgetExceeded(asked, { tenant, persona, tokens, total_tokens })
  }
}
