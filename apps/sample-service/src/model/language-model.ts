export interface ModelMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** The model withheld its answer, or broke it off, because of what it is about. It would do so again. */
export class AnswerFilteredError extends Error {
  override readonly name = 'AnswerFilteredError'

  constructor() {
    super('The model withheld its answer.')
  }
}

export interface LanguageModel {
  /** Which model it is, for people: it stands in answers, in the line at the start and in `/health`. */
  readonly name: string
  /**
   * Answers a conversation, piece by piece.
   *
   * @throws UnavailableError when the model cannot be reached or is overloaded
   * @throws PoisonError when it refuses this conversation, whoever asks again
   * @throws AnswerFilteredError
   */
  answer(messages: readonly ModelMessage[]): AsyncIterable<string>
}
