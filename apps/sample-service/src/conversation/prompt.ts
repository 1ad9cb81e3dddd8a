import type { ConversationEvent } from '../events/conversation-event.ts'
import type { ModelMessage } from '../model/language-model.ts'

/** What the model is asked: the session up to and including `asked`. `newestFirst` may hold more than that. */
export function promptOf(newestFirst: readonly ConversationEvent[], asked: ConversationEvent): ModelMessage[] {
  const place = newestFirst.findIndex(({ event_id }) => event_id === asked.event_id)
  const before = place === -1 ? newestFirst : newestFirst.slice(place + 1)
  return [...[...before].reverse(), asked].flatMap(({ role, message, metadata }) =>
    // What was refused was no part of the conversation with the model.
    role === 'tool' || metadata['error_code'] !== undefined ? [] : [{ role, content: message }],
  )
}
