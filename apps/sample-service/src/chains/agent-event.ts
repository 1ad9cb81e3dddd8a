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
