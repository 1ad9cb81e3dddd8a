import { messageWithContext } from '../agent-requests/context.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import type { ChatMessage } from '../model/chat-model.ts'
import type { Persona } from '../personas/persona.ts'
import { describeSteering } from '../ui-state/steer-tools.ts'
import type { Steering } from '../ui-state/steering.ts'

/**
 * What the model is told before its first answer: who it is, what the user sees, what was said before, what is asked.
 * Messages that came after `asked` have chains of their own; the answers to earlier ones may be newer than `asked`.
 */
export function firstMessages(
  persona: Persona,
  newestFirst: readonly ConversationEvent[],
  asked: ConversationEvent,
  steering: Steering | null,
): ChatMessage[] {
  const place = newestFirst.findIndex(({ event_id }) => event_id === asked.event_id)
  const earlier = newestFirst.filter(({ role }, index) => role === 'assistant' || (role === 'user' && index > place))
  return [
    { role: 'system', content: [persona.instructions, describeSteering(steering)].join(' ').trim() },
    ...earlier.reverse().map(({ role, message }) => ({ role: role as 'user' | 'assistant', content: message })),
    { role: 'user', content: messageWithContext(asked) },
  ]
}
