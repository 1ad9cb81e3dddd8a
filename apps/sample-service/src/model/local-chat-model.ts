import type { ChatModel } from './chat-model.ts'

/** A stand-in without intelligence: it asks for no tools but those that a format names, and says what it is. */
export const localChatModel: ChatModel = {
  name: 'local deterministic model',
  simulated: true,
  complete: async ({ messages, format }) => {
    if (format) return { content: '', tool_calls: [], filtered: false, ...format.standIn(messages) }
    const asked = messages.findLast(({ role }) => role === 'user')?.content ?? ''
    const turns = messages.filter(({ role }) => role === 'user').length
    const content = `This is the local deterministic model, not a language model. Message ${turns} of this session reads: ${asked}`
    return { content, tool_calls: [], filtered: false }
  },
}
