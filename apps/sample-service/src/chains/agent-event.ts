import { idSchema, type EventSchema } from '../events/event-schema.ts'
import type { ToolResult } from '../events/tool-events.ts'

interface AgentEventBase {
  event_id: string
  session_id: string
  /** Which chain of thoughts and tools it belongs to. */
  chain_id: string
  /** Which persona works. */
  agent: string
}

/**
 * What an agent does while it works on a message, in this order: `agent_started`; then `agent_thinking` for each
 * question to the model, with `tool_executing` and `tool_completed` for each tool between them; `agent_completed`.
 */
export type AgentEvent = AgentEventBase &
  (
    | { type: 'agent_started'; in_reply_to: string }
    | { type: 'agent_thinking'; step: number }
    | { type: 'tool_executing'; call_id: string; tool_name: string; step: number }
    | { type: 'tool_completed'; call_id: string; tool_name: string; step: number; status: ToolResult['status'] }
    | {
        type: 'agent_completed'
        status: 'completed' | 'failed'
        /** The event with the answer. */
        message_id: string
        /** How many rounds of tools there were. */
        steps: number
        /** Why it failed. */
        error_code: string | null
      }
  )

/** What all agent events have. Consumers are woken by them, and read the rest from the database. */
export const agentEvent: EventSchema<AgentEvent> = {
  name: 'agent_event',
  schema: {
    type: 'object',
    required: ['event_id', 'session_id', 'type'],
    properties: {
      event_id: idSchema,
      session_id: idSchema,
      type: {
        type: 'string',
        enum: ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'],
      },
    },
  },
}
