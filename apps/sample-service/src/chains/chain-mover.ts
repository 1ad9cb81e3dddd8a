import type { Query } from '../database/database.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import type { ToolRequest, ToolResult } from '../events/tool-events.ts'
import { topics } from '../events/topics.ts'
import type { ChatMessage, ChatToolCall } from '../model/chat-model.ts'
import { addToOutbox, type OutboxMessage } from '../outbox/outbox.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import type { UiAction } from '../ui-state/ui-action.ts'
import type { AgentEvent } from './agent-event.ts'
import { chainStore } from './chain-store.ts'
import type { Chain, ChainStep } from './chain.ts'
import { planCalls } from './plan-calls.ts'

/** How a chain ends. */
export interface ChainEnd {
  message: string
  model: string
  /** Null when it has an answer. */
  error_code: string | null
  /** The answer of a persona that answers in a form. */
  result?: unknown
  /** Whether something stood in for the model. */
  simulated?: boolean | undefined
}

type AgentEventKind<Event = AgentEvent> = Event extends AgentEvent
  ? Omit<Event, 'event_id' | 'session_id' | 'chain_id' | 'agent'>
  : never

/**
 * The moves of a chain. Each is made within a transaction that its caller began, with the session locked: state, events
 * for the stream and messages for the bus are committed together, so that a crash leaves the chain before or after a
 * move, and the message that asks for the next one is there exactly when it is due.
 */
export class ChainMover {
  readonly #store: PostgresSessionStore

  constructor(store: PostgresSessionStore) {
    this.#store = store
  }

  /** Begins the next chain of a session, if none is running. */
  async beginNext(transaction: Query, session_id: string): Promise<void> {
    const chain = await chainStore.findNext(transaction, session_id)
    if (!chain) return
    await chainStore.update(transaction, chain.chain_id, { status: 'running' })
    await this.tell(transaction, chain, [{ type: 'agent_started', in_reply_to: chain.asked.event_id }])
    await addToOutbox(transaction, [stepMessage(chain, 0)])
  }

  /** The model asked for tools: requests go out, and those that are refused have their results already. */
  async request(transaction: Query, chain: Chain, content: string, calls: ChatToolCall[]): Promise<void> {
    const { chain_id, session_id, persona_id, caller, step } = chain
    const planned = planCalls(chain, calls)
    const messages: ChatMessage[] = [...chain.messages, { role: 'assistant', content, tool_calls: calls }]
    await chainStore.insertCalls(transaction, planned)
    await chainStore.update(transaction, chain_id, { messages })
    const running = planned.filter(({ result }) => result === null)
    if (running.length === 0) return this.advance(transaction, { ...chain, messages })
    await this.tell(
      transaction,
      chain,
      running.map(({ call_id, tool_name }) => ({ type: 'tool_executing', call_id, tool_name, step })),
    )
    const requests = running.map(({ call_id, tool_name, args }): ToolRequest => {
      return { event_id: call_id, session_id, persona_id, tool_name, args, ...(caller && { caller }) }
    })
    await addToOutbox(
      transaction,
      requests.map((value) => ({ topic: topics.toolRequests, key: session_id, value })),
    )
  }

  /** A result has come. With the last one of a step it is the model's turn again. */
  async settle(transaction: Query, chain: Chain, result: ToolResult): Promise<void> {
    const call = await chainStore.findCall(transaction, result.event_id)
    // Delivered again.
    if (!call || call.result !== null || chain.status !== 'running') return
    await chainStore.setResult(transaction, result)
    const { call_id, tool_name, step } = call
    await this.tell(transaction, chain, [{ type: 'tool_completed', call_id, tool_name, step, status: result.status }])
    const calls = await chainStore.callsOf(transaction, chain.chain_id, step)
    if (calls.every(({ result }) => result !== null)) await this.advance(transaction, chain)
  }

  /** All results of the step are there. */
  async advance(transaction: Query, chain: Chain): Promise<void> {
    const calls = await chainStore.callsOf(transaction, chain.chain_id, chain.step)
    const results = calls.map(({ model_call_id, result }): ChatMessage => {
      const { status, payload } = result!
      return { role: 'tool', tool_call_id: model_call_id, content: JSON.stringify({ status, payload }) }
    })
    const step = chain.step + 1
    await chainStore.update(transaction, chain.chain_id, { step, messages: [...chain.messages, ...results] })
    await addToOutbox(transaction, [stepMessage(chain, step)])
  }

  /** The answer, or the reason why there is none; then the next message of the session has its turn. */
  async end(transaction: Query, chain: Chain, end: ChainEnd): Promise<void> {
    const { chain_id, session_id, persona_id, asked, step } = chain
    const { message, model, error_code, result, simulated = false } = end
    const answer: ConversationEvent = {
      event_id: derivedId('answer', asked.event_id),
      session_id,
      role: 'assistant',
      message,
      attachments: [],
      metadata: {
        in_reply_to: asked.event_id,
        model,
        chain_id,
        steps: step,
        ...(error_code && { error_code }),
        ...(result !== undefined && { result, simulated }),
      },
      persona_id,
    }
    const status = error_code === null ? 'completed' : 'failed'
    await this.#store.appendEvents(transaction, [answer])
    await addToOutbox(transaction, [{ topic: topics.outbound, key: session_id, value: answer }])
    await this.tell(transaction, chain, [
      { type: 'agent_completed', status, message_id: answer.event_id, steps: step, error_code },
    ])
    if (status === 'completed') await this.#act(transaction, chain)
    await chainStore.update(transaction, chain_id, { status })
    await this.beginNext(transaction, session_id)
  }

  /** What its tools wanted the user interface to do, in their order, after everything else of the chain. */
  async #act(transaction: Query, { chain_id, session_id, persona_id }: Chain): Promise<void> {
    const results = await chainStore.resultsOf(transaction, chain_id)
    const wanted = results.flatMap(({ call_id, result }) =>
      (result?.ui_actions ?? []).map((action) => ({ call_id, ...action })),
    )
    const actions = wanted.map(({ call_id, action, args }, position): UiAction => {
      const event_id = derivedId('ui_action', `${chain_id}:${position}`)
      return { type: 'ui_action', event_id, session_id, chain_id, agent: persona_id, call_id, position, action, args }
    })
    await this.#publish(transaction, session_id, actions)
  }

  /** Events for the stream. The same event twice is stored once. */
  async tell(transaction: Query, chain: Chain, kinds: readonly AgentEventKind[]): Promise<void> {
    const { chain_id, session_id, persona_id } = chain
    const events = kinds.map((kind): AgentEvent => {
      const about = 'call_id' in kind ? kind.call_id : `${chain_id}:${'step' in kind ? kind.step : ''}`
      return { ...kind, event_id: derivedId(kind.type, about), session_id, chain_id, agent: persona_id }
    })
    await this.#publish(transaction, session_id, events)
  }

  async #publish(transaction: Query, session_id: string, events: readonly (AgentEvent | UiAction)[]): Promise<void> {
    await this.#store.appendAgentEvents(transaction, events)
    await addToOutbox(
      transaction,
      events.map((value) => ({ topic: topics.agentEvents, key: session_id, value })),
    )
  }
}

function stepMessage({ chain_id, session_id }: Chain, step: number): OutboxMessage {
  const value: ChainStep = { chain_id, step }
  return { topic: topics.chainSteps, key: session_id, value }
}
