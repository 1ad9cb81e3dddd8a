import type { ResolvedCall, ResolvedReply } from '../script/resolve-reply.ts'

/** What identifies one answer. */
export interface AnswerId {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
}

/** The token counts of a chat completion as the API writes them. */
export interface ChatUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details: {
    readonly cached_tokens: number
    readonly cache_write_tokens: number
    readonly audio_tokens: number
  }
  readonly completion_tokens_details: {
    readonly reasoning_tokens: number
    readonly audio_tokens: number
    readonly accepted_prediction_tokens: number
    readonly rejected_prediction_tokens: number
  }
}

/** A chat completion as the API writes it. */
export interface ChatCompletionObject {
  readonly id: string
  readonly object: 'chat.completion'
  readonly created: number
  readonly model: string
  readonly choices: {
    readonly index: number
    readonly message: {
      readonly role: 'assistant'
      readonly content: string | null
      readonly refusal: string | null
      readonly annotations: never[]
      readonly tool_calls?: {
        readonly id: string
        readonly type: 'function'
        readonly function: { readonly name: string; readonly arguments: string }
      }[]
    }
    readonly logprobs: null
    readonly finish_reason: 'stop' | 'length' | 'tool_calls' | 'content_filter'
    readonly content_filter_results?: FilterResults
  }[]
  readonly usage: ChatUsage
  readonly service_tier: string
  readonly system_fingerprint: string
}

/** Which category the content filter saw. */
export type FilterResults = Readonly<Record<string, { readonly filtered: boolean; readonly severity: string }>>

export const fingerprint = 'fp_test'

/** The usage of a reply as chat completions write it. */
export function chatUsage(usage: ResolvedReply['usage']): ChatUsage {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, cache_write_tokens: usage.cacheWrite, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** The mark of the content filter, where it saw something. */
export function filterResults(reply: ResolvedReply): { content_filter_results?: FilterResults } {
  return reply.filtered === undefined
    ? {}
    : { content_filter_results: { [reply.filtered]: { filtered: true, severity: 'high' } } }
}

export function wireCall(call: ResolvedCall): {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
} {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }
}

/** The body of an answer that is no stream. */
export function chatCompletion(reply: ResolvedReply, { id, created }: AnswerId, count = 1): ChatCompletionObject {
  return {
    id,
    object: 'chat.completion',
    created,
    model: reply.model,
    choices: Array.from({ length: reply.noChoice ? 0 : count }, (_, index) => ({
      index,
      message: {
        role: 'assistant' as const,
        content: reply.content,
        refusal: reply.refusal,
        annotations: [],
        ...(reply.calls.length === 0 ? {} : { tool_calls: reply.calls.map(wireCall) }),
      },
      logprobs: null,
      finish_reason: reply.finishReason,
      ...filterResults(reply),
    })),
    usage: chatUsage(reply.usage),
    service_tier: reply.serviceTier,
    system_fingerprint: fingerprint,
  }
}
