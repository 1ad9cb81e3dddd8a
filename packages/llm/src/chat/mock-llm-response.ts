import type { LlmReply } from '../script/reply.ts'
import { resolveReply } from '../script/resolve-reply.ts'
import { chatCompletion, type ChatCompletionObject } from './completion.ts'

/** What a completion is made of. */
export interface MockLlmResponseOptions extends LlmReply {
  /** Default: `chatcmpl-test`. */
  readonly id?: string
  /** Seconds since the epoch. Default: 1767225600, the first of January 2026. */
  readonly created?: number
}

/**
 * A valid chat completion as an object, for code that takes one.
 *
 * @example
 * mockLlmResponse('Hello').choices[0].message.content // 'Hello'
 * mockLlmResponse({ toolCalls: [{ name: 'search', arguments: { q: 'john' } }] }).choices[0].finish_reason // 'tool_calls'
 */
export function mockLlmResponse(reply: string | MockLlmResponseOptions = ''): ChatCompletionObject {
  const options = typeof reply === 'string' ? { content: reply } : reply
  const request = {
    number: 1,
    endpoint: 'chat' as const,
    nth: 1,
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {},
    body: undefined,
    model: options.model ?? 'gpt-4o',
    stream: false,
    messages: [],
    tools: [],
    retry: 0,
    at: 0,
  }
  return chatCompletion(resolveReply(request, options), {
    id: options.id ?? 'chatcmpl-test',
    created: options.created ?? 1_767_225_600,
  })
}
