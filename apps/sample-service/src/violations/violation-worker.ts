import type { SessionOwners } from '../auth/session-owners.ts'
import type { Delivery, EventBus } from '../bus/event-bus.ts'
import type { Database } from '../database/database.ts'
import { whileAvailable } from '../database/while-available.ts'
import { conversationEvent } from '../events/conversation-event.ts'
import { topics } from '../events/topics.ts'
import { validateEvent } from '../events/validate-event.ts'
import type { ChatModel } from '../model/chat-model.ts'
import { oncePerEvent, wasProcessed } from '../outbox/once-per-event.ts'
import { detectViolations } from './detect-violations.ts'
import type { ViolationStore } from './violation-store.ts'

export interface ViolationWorkerOptions {
  database: Database
  bus: EventBus
  owners: SessionOwners
  violations: ViolationStore
  /** What judges messages; a cheap one will do. */
  model: ChatModel
}

const GROUP = 'violation-worker'

/**
 * Looks for violations of policy in what users say, beside the conversation and never in its way: it reads
 * `conversation.inbound` as a group of its own. While the model is away messages wait here, and are answered all the same.
 */
export class ViolationWorker implements AsyncDisposable {
  readonly #options: ViolationWorkerOptions
  #consumer: AsyncDisposable | undefined

  constructor(options: ViolationWorkerOptions) {
    this.#options = options
  }

  async start(): Promise<this> {
    this.#consumer = await this.#options.bus.consume(topics.inbound, GROUP, (delivery) =>
      whileAvailable(() => this.#handle(delivery)),
    )
    return this
  }

  /** Finishes the messages that are being judged. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.[Symbol.asyncDispose]()
  }

  async #handle({ value }: Delivery): Promise<void> {
    const validated = validateEvent(value, conversationEvent)
    // The conversation worker buries what is no event.
    if ('problems' in validated) return
    const { database, owners, violations, model } = this.#options
    const { event_id, session_id, role, message, request } = validated.event
    if (role !== 'user') return
    const found = await detectViolations(model, message)
    // Nothing is noted of the rest, which is nearly all: judging a message again changes nothing.
    if (found.length === 0 || (await wasProcessed(database, GROUP, event_id))) return
    const user = await owners.ownerOf(session_id)
    // It came over the bus, from nobody.
    if (!user) return
    const simulated = model.simulated ?? false
    await oncePerEvent(database, GROUP, event_id, (transaction) =>
      violations.append(transaction, {
        user,
        session_id,
        event_id,
        violations: found,
        model: model.name,
        simulated,
        request: { ip: request?.ip ?? null, user_agent: request?.user_agent ?? null },
      }),
    )
  }
}
