import { BUDGET_EXCEEDED, budgetExceeded } from '../budget/budget-exceeded.ts'
import { NOBODY, type BudgetManager } from '../budget/budget-manager.ts'
import { estimateTokens } from '../budget/estimate-tokens.ts'
import { deadLetter, type DeadLetter } from '../bus/dead-letter.ts'
import { deadLetterTopic, type Delivery, type EventBus } from '../bus/event-bus.ts'
import type { Database, Query } from '../database/database.ts'
import { whileAvailable } from '../database/while-available.ts'
import { type ConversationEvent } from '../events/conversation-event.ts'
import { requireEvent } from '../events/require-event.ts'
import { toolRequest, toolResult, type ToolResult } from '../events/tool-events.ts'
import { topics } from '../events/topics.ts'
import { validateEvent } from '../events/validate-event.ts'
import type { ChatModel } from '../model/chat-model.ts'
import { findModelProfile, withProfile } from '../model/model-profiles.ts'
import { oncePerEvent, wasProcessed } from '../outbox/once-per-event.ts'
import type { Persona } from '../personas/persona.ts'
import { personas } from '../personas/personas.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import type { Tool } from '../tools/tool.ts'
import type { Steering } from '../ui-state/steering.ts'
import type { Caller } from '../upstream/caller.ts'
import { askModel, type Thought } from './ask-model.ts'
import { ChainMover } from './chain-mover.ts'
import { chainStep } from './chain-step-schema.ts'
import { chainStore } from './chain-store.ts'
import { chainIdOf, stepIdOf, type Chain, type ChainStep } from './chain.ts'
import { firstMessages } from './first-messages.ts'

export interface ChainWorkerOptions {
  database: Database
  store: PostgresSessionStore
  bus: EventBus
  model: ChatModel
  budgets: BudgetManager
  tools: ReadonlyMap<string, Tool>
  /** Called when a move is committed, so that what follows from it is published at once. */
  onCommitted: () => void
}

const GROUP = 'chain-worker'
/** How many earlier events the model is told. */
const HISTORY = 20

/**
 * Works on messages to personas, step by step: `chain.steps` says that it is time to ask the model, `tool.results` that a
 * tool is done. What a chain needs to go on is in Postgres alone; this class holds nothing.
 */
export class ChainWorker implements AsyncDisposable {
  readonly #options: ChainWorkerOptions
  readonly #mover: ChainMover
  #consumers: AsyncDisposable[] = []

  constructor(options: ChainWorkerOptions) {
    this.#options = options
    this.#mover = new ChainMover(options.store)
  }

  async start(): Promise<this> {
    const { bus } = this.#options
    const consume = (topic: string, handle: (delivery: Delivery) => Promise<void>) =>
      bus.consume(topic, `${GROUP}-${topic}`, (delivery) => whileAvailable(() => handle(delivery)))
    this.#consumers = await Promise.all([
      consume(topics.chainSteps, ({ value }) => this.#think(requireEvent(value, chainStep))),
      consume(topics.toolResults, ({ value }) => this.#settle(requireEvent(value, toolResult))),
      // What cannot be done is over, too: nobody waits for it for ever.
      consume(deadLetterTopic(topics.chainSteps), ({ value }) => this.#giveUp(requireEvent(value, deadLetter))),
      consume(deadLetterTopic(topics.toolRequests), ({ value }) => this.#fail(requireEvent(value, deadLetter))),
    ])
    return this
  }

  /** Finishes the questions under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer[Symbol.asyncDispose]()))
  }

  /** Whether a message is for an agent. */
  takes({ persona_id }: ConversationEvent): boolean {
    return persona_id !== null && personas.has(persona_id)
  }

  /** Begins the chain of a message, as part of the transaction that notes the message as processed. */
  async begin(
    transaction: Query,
    asked: ConversationEvent,
    { caller, ui }: { caller?: Caller | undefined; ui?: Steering | undefined },
  ): Promise<void> {
    const { session_id } = asked
    const chain_id = chainIdOf(asked)
    const persona_id = asked.persona_id!
    await this.#options.store.lockSessions(transaction, [session_id])
    const shown = { asked, caller, steering: ui ?? null }
    const chain: Chain = { chain_id, session_id, persona_id, ...shown, messages: [], step: 0, status: 'waiting' }
    await chainStore.insert(transaction, chain)
    await this.#mover.beginNext(transaction, session_id)
  }

  async #think(due: ChainStep): Promise<void> {
    const { database, store, tools } = this.#options
    const done = stepIdOf(due)
    if (await wasProcessed(database, GROUP, done)) return
    const found = await chainStore.find(database.query, due.chain_id)
    if (!found || found.status !== 'running' || found.step !== due.step) return
    const persona = personas.get(found.persona_id)!
    const model = withProfile(this.#options.model, await findModelProfile(database.query, persona.id))
    const chain = found.messages.length > 0 ? found : { ...found, messages: await this.#firstMessages(found, persona) }

    await this.#move(chain.session_id, (transaction) =>
      this.#mover.tell(transaction, chain, [{ type: 'agent_thinking', step: chain.step }]),
    )
    const thought = (await this.#spend(chain, done)) ?? (await askModel({ model, persona, tools, ...chain }))
    await oncePerEvent(database, GROUP, done, async (transaction) => {
      await store.lockSessions(transaction, [chain.session_id])
      await this.#act(transaction, chain, thought, model)
    })
    this.#options.onCommitted()
  }

  /** Takes what the model will read from the budget, once for each step; resolves with a failure when it exceeds it. */
  async #spend({ asked, caller, persona_id, messages }: Chain, charge: string): Promise<Thought | undefined> {
    const tenant = caller?.tenant ?? NOBODY
    const tokens = estimateTokens(messages)
    const { allowed, total_tokens } = await this.#options.budgets.consume(tenant, persona_id, tokens, charge)
    if (allowed) return undefined
    const { message } = budgetExceeded(asked, { tenant, persona: persona_id, tokens, total_tokens })
    return { failure: { error_code: BUDGET_EXCEEDED, message } }
  }

  async #act(transaction: Query, chain: Chain, thought: Thought, { name: model, simulated }: ChatModel): Promise<void> {
    if ('failure' in thought) return this.#mover.end(transaction, chain, { ...thought.failure, model })
    const { content, tool_calls } = thought.answer
    if (tool_calls.length > 0) return this.#mover.request(transaction, chain, content, tool_calls)
    const { result } = thought
    return this.#mover.end(transaction, chain, { message: content, model, error_code: null, result, simulated })
  }

  async #firstMessages({ session_id, asked, steering }: Chain, persona: Persona) {
    const { items } = await this.#options.store.listEvents(session_id, { limit: HISTORY })
    return firstMessages(persona, items, asked, steering)
  }

  async #settle(result: ToolResult): Promise<void> {
    const { database } = this.#options
    const call = await chainStore.findCall(database.query, result.event_id)
    // Tools run for others, too.
    if (!call || call.result !== null) return
    await this.#move(call.session_id, async (transaction) => {
      const chain = await chainStore.find(transaction, call.chain_id)
      if (chain) await this.#mover.settle(transaction, chain, result)
    })
  }

  /** A request that the executor could not handle has a result after all. */
  async #fail({ reason, value }: DeadLetter): Promise<void> {
    const validated = validateEvent(value, toolRequest)
    if ('problems' in validated) return
    const { event_id } = validated.event
    await this.#settle({ event_id, status: 'error', payload: { error: reason, error_code: 'TOOL_FAILED' } })
  }

  /** A step that this worker could not handle is the end of its chain. */
  async #giveUp({ reason, value }: DeadLetter): Promise<void> {
    const validated = validateEvent(value, chainStep)
    if ('problems' in validated) return
    const found = await chainStore.find(this.#options.database.query, validated.event.chain_id)
    if (!found) return
    await this.#move(found.session_id, async (transaction) => {
      const chain = await chainStore.find(transaction, found.chain_id)
      if (chain?.status !== 'running') return
      const end = { message: `This went wrong: ${reason}`, model: this.#options.model.name, error_code: 'CHAIN_FAILED' }
      await this.#mover.end(transaction, chain, end)
    })
  }

  async #move(session_id: string, effect: (transaction: Query) => Promise<void>): Promise<void> {
    const { database, store, onCommitted } = this.#options
    await database.query.transaction().execute(async (transaction) => {
      await store.lockSessions(transaction, [session_id])
      await effect(transaction)
    })
    onCommitted()
  }
}
