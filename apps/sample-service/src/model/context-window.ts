import type { ChatRequest } from './chat-model.ts'

/** What the smallest of the models that are used can hold. */
export const CONTEXT_WINDOW_TOKENS = 128_000

/** A conversation that no model can be asked. */
export class ContextOverflowError extends Error {
  readonly code = 'CONTEXT_OVERFLOW'

  constructor(tokens: number) {
    super(
      `The conversation has about ${tokens} tokens, and the model takes ${CONTEXT_WINDOW_TOKENS}. Begin a new session, or ask about less at once.`,
    )
    this.name = 'ContextOverflowError'
  }
}

/** How many tokens a request has, about: one for each four bytes of its JSON. */
export function estimateTokens({ messages, tools = [] }: Pick<ChatRequest, 'messages' | 'tools'>): number {
  return Math.ceil((Buffer.byteLength(JSON.stringify(messages)) + Buffer.byteLength(JSON.stringify(tools))) / 4)
}

/** @throws ContextOverflowError when the request does not fit into the context window */
export function assertFits(request: Pick<ChatRequest, 'messages' | 'tools'>): void {
  const tokens = estimateTokens(request)
  if (tokens > CONTEXT_WINDOW_TOKENS) throw new ContextOverflowError(tokens)
}
