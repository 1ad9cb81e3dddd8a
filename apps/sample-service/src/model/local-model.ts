import type { LanguageModel } from './language-model.ts'

/** A stand-in without intelligence: the same conversation always gets the same answer, which says what it is. */
export const localModel: LanguageModel = {
  name: 'local deterministic model',
  async *answer(messages) {
    const asked = messages.findLast(({ role }) => role === 'user')?.content ?? ''
    const turns = messages.filter(({ role }) => role === 'user').length
    const text = `This is the local deterministic model, not a language model. Message ${turns} of this session reads: ${asked}`
    yield* text.match(/\S+\s*|\s+/g) ?? []
  },
}
