import type { AnswerId } from '../chat/completion.ts'
import type { JsonObject } from '../json.ts'
import type { ResolvedReply } from '../script/resolve-reply.ts'

/** One item of the output as the API writes it. */
export type OutputItem =
  | {
      readonly type: 'message'
      readonly id: string
      readonly status: string
      readonly role: 'assistant'
      readonly content: readonly OutputPart[]
    }
  | {
      readonly type: 'function_call'
      readonly id: string
      readonly status: string
      readonly call_id: string
      readonly name: string
      readonly arguments: string
    }

export type OutputPart =
  | { readonly type: 'output_text'; readonly text: string; readonly annotations: never[]; readonly logprobs: never[] }
  | { readonly type: 'refusal'; readonly refusal: string }

/** How a response stands. */
export type ResponseState = 'in_progress' | 'completed' | 'incomplete'

/** The items that a reply consists of. */
export function outputItems(reply: ResolvedReply, id: string): OutputItem[] {
  const status = endState(reply)
  const part: OutputPart | undefined =
    reply.refusal !== null
      ? { type: 'refusal', refusal: reply.refusal }
      : reply.content === null
        ? undefined
        : { type: 'output_text', text: reply.content, annotations: [], logprobs: [] }
  return [
    ...(part === undefined || reply.noChoice
      ? []
      : [{ type: 'message' as const, id: `msg_${id}`, status, role: 'assistant' as const, content: [part] }]),
    ...reply.calls.map((call, index) => ({
      type: 'function_call' as const,
      id: `fc_${id}_${index + 1}`,
      status,
      call_id: call.id,
      name: call.name,
      arguments: call.arguments,
    })),
  ]
}

/** How a response ends: cut short by the length limit or the content filter, or complete. */
export function endState(reply: ResolvedReply): 'completed' | 'incomplete' {
  return reply.finishReason === 'length' || reply.finishReason === 'content_filter' ? 'incomplete' : 'completed'
}

/** The response object; `output` is empty and `usage` null as long as it is in progress. */
export function responseObject(
  reply: ResolvedReply,
  { id, created }: AnswerId,
  body: JsonObject,
  state: ResponseState = endState(reply),
): JsonObject {
  const reason = reply.finishReason === 'length' ? 'max_output_tokens' : 'content_filter'
  const started = state === 'in_progress'
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: created,
    status: state,
    background: false,
    error: null,
    incomplete_details: state === 'incomplete' ? { reason } : null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: null,
    metadata: body['metadata'] ?? {},
    model: reply.model,
    output: started ? [] : outputItems(reply, id),
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    reasoning: body['reasoning'] ?? { effort: null, summary: null },
    service_tier: reply.serviceTier,
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? 1,
    truncation: body['truncation'] ?? 'disabled',
    usage: started
      ? null
      : {
          input_tokens: reply.usage.input,
          input_tokens_details: { cached_tokens: reply.usage.cached, cache_write_tokens: reply.usage.cacheWrite },
          output_tokens: reply.usage.output,
          output_tokens_details: { reasoning_tokens: reply.usage.reasoning },
          total_tokens: reply.usage.input + reply.usage.output,
        },
    user: body['user'] ?? null,
  }
}
