import type { ResolvedReply } from '../script/resolve-reply.ts'
import { type AnswerId, chatUsage, filterResults, fingerprint } from './completion.ts'

/** How a stream is asked for. */
export interface ChunkOptions {
  /** Whether a last chunk with the usage was asked for. */
  readonly includeUsage: boolean
  /** How many choices. Default: 1. */
  readonly count?: number
}

/** The events of a streamed chat completion, each as the text that goes on the wire; the last one is `[DONE]`. */
export function chatChunks(reply: ResolvedReply, { id, created }: AnswerId, options: ChunkOptions): string[] {
  const events: string[] = []
  const send = (fields: object): void => {
    const chunk = {
      id,
      object: 'chat.completion.chunk',
      created,
      model: reply.model,
      service_tier: reply.serviceTier,
      system_fingerprint: fingerprint,
      ...fields,
      ...(options.includeUsage && !('usage' in fields) ? { usage: null } : {}),
    }
    events.push(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  const choice = (index: number, delta: object, finish: string | null = null, more: object = {}): void =>
    send({ choices: [{ index, delta, logprobs: null, finish_reason: finish, ...more }] })

  const count = reply.noChoice ? 0 : (options.count ?? 1)
  for (let index = 0; index < count; index++) {
    const hasText = reply.content !== null || reply.refusal !== null
    choice(index, { role: 'assistant', content: hasText ? '' : null, refusal: null })
    const field = reply.refusal === null ? 'content' : 'refusal'
    if (hasText) for (const piece of reply.chunks) choice(index, { [field]: piece })
    for (const [position, call] of reply.calls.entries()) {
      const head = { index: position, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
      choice(index, { tool_calls: [head] })
    }
    for (const { position, part } of interleaved(reply)) {
      choice(index, { tool_calls: [{ index: position, function: { arguments: part } }] })
    }
    choice(index, {}, reply.finishReason, filterResults(reply))
  }
  if (options.includeUsage) send({ choices: [], usage: chatUsage(reply.usage) })
  events.push('data: [DONE]\n\n')
  return events
}

/** The arguments of parallel calls in turns, so that a client which ignores the index mixes them up and is found out. */
function interleaved(reply: ResolvedReply): { position: number; part: string }[] {
  const parts = reply.calls.map((call) => argumentParts(call.arguments))
  const longest = Math.max(0, ...parts.map((list) => list.length))
  return Array.from({ length: longest }, (_, turn) =>
    parts.flatMap((list, position) => {
      const part = list[turn]
      return part === undefined ? [] : [{ position, part }]
    }),
  ).flat()
}

/** Arguments cut as a stream cuts them: within words and numbers, but never within a character. */
export function argumentParts(text: string): string[] {
  return text.match(/[\s\S]{1,12}/gu) ?? []
}
