import type { ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import type { ToolResult } from '../events/tool-events.ts'
import type { ChatMessage } from '../model/chat-model.ts'
import type { Steering } from '../ui-state/steering.ts'
import type { Caller } from '../upstream/caller.ts'

/** The work of an agent on one message: questions to the model and rounds of tools in turns, until it has an answer. */
export interface Chain {
  chain_id: string
  session_id: string
  persona_id: string
  asked: ConversationEvent
  caller: Caller | undefined
  /** What the user saw when they asked. */
  steering: Steering | null
  /** What the model was told and what it said so far. Empty before the first question. */
  messages: ChatMessage[]
  /** How many rounds of tools are over. */
  step: number
  /** `waiting`: an earlier message of the session is not answered yet. */
  status: 'waiting' | 'running' | 'completed' | 'failed'
}

/** A tool that the model asked for. */
export interface ChainCall {
  /** The id of the request, and of its result. */
  call_id: string
  chain_id: string
  session_id: string
  step: number
  /** Its place among those of the same step. */
  position: number
  /** As the model calls it. */
  model_call_id: string
  tool_name: string
  result: ToolResult | null
}

/** What `chain.steps` tells: it is time to ask the model. */
export interface ChainStep {
  chain_id: string
  step: number
}

/** The same message leads to the same chain, however often it is delivered. */
export const chainIdOf = (asked: ConversationEvent): string => derivedId('chain', asked.event_id)
export const callIdOf = (chain_id: string, step: number, position: number): string =>
  derivedId('call', `${chain_id}:${step}:${position}`)
export const stepIdOf = ({ chain_id, step }: ChainStep): string => derivedId('step', `${chain_id}:${step}`)
