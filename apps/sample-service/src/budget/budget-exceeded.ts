import type { ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'

/** What `metadata.error_code` says. */
export const BUDGET_EXCEEDED = 'BUDGET_EXCEEDED'

export interface ExceededBudget {
  tenant: string
  persona: string
  /** What the message would have cost. */
  tokens: number
  total_tokens: number
}

/** The answer to a message that the model was not asked, because the budget does not allow it. */
export function budgetExceeded(asked: ConversationEvent, budget: ExceededBudget): ConversationEvent {
  const { tenant, persona, tokens, total_tokens } = budget
  return {
    event_id: derivedId('answer', asked.event_id),
    session_id: asked.session_id,
    role: 'system',
    message: `The token budget of ${persona} for ${tenant} is used up: ${total_tokens} tokens are taken, and this message needs about ${tokens} more. It was not answered.`,
    attachments: [],
    metadata: { in_reply_to: asked.event_id, error_code: BUDGET_EXCEEDED, ...budget },
    persona_id: asked.persona_id,
  }
}
