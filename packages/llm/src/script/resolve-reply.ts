import type { LlmFault } from '../faults/faults.ts'
import { isObject } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { generateFromSchema } from '../schema/generate.ts'
import { requestedFormat } from '../schema/requested-format.ts'
import { validateSchema } from '../schema/validate.ts'
import type { LlmRequest, LlmUsage } from './llm-request.ts'
import type { LlmReply } from './reply.ts'

/** A call of a tool as it goes on the wire. */
export interface ResolvedCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** A reply of which everything is known. */
export interface ResolvedReply {
  readonly content: string | null
  /** The text as a stream cuts it. */
  readonly chunks: readonly string[]
  readonly calls: readonly ResolvedCall[]
  readonly refusal: string | null
  readonly finishReason: NonNullable<LlmReply['finishReason']>
  /** The category that the content filter names. */
  readonly filtered?: string
  /** Whether the answer has no choice at all. */
  readonly noChoice: boolean
  readonly usage: LlmUsage & { readonly cacheWrite: number }
  readonly model: string
  readonly serviceTier: string
  readonly headers: Readonly<Record<string, string>>
  readonly chunkDelayMs: number
}

/** A stream that breaks needs something to break. */
const placeholder = 'one two three four five six seven eight'

/**
 * Fills in what a reply leaves open, and checks it against the schema that the request asks for.
 *
 * @throws {LlmError} `KEPLOY_LLM_SCHEMA` when the scripted text does not satisfy it
 */
export function resolveReply(
  request: LlmRequest,
  given: LlmReply | string | undefined,
  fault?: LlmFault,
): ResolvedReply {
  const reply: LlmReply =
    typeof given === 'string'
      ? { content: given }
      : (given ?? (requestedFormat(request.body) === undefined ? { content: placeholder } : {}))
  const empty = fault?.fault === 'empty'
  const filter = fault?.fault === 'contentFilter'
  const calls = empty ? [] : (reply.toolCalls ?? []).map((call, index) => resolveCall(call, request, index))
  const refusal = empty ? null : (reply.refusal ?? null)
  const finishReason = filter ? 'content_filter' : (reply.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop'))
  const whole = empty ? '' : contentOf(request, reply, { calls: calls.length > 0, refusal: refusal !== null })
  if (!empty && whole !== null && finishReason === 'stop' && refusal === null) checkSchema(request, reply, whole)
  const content = filter && whole !== null ? whole.slice(0, Math.ceil(whole.length / 2)).toWellFormed() : whole
  return {
    content,
    chunks: filter || empty || reply.chunks === undefined ? cut(content ?? refusal ?? '') : reply.chunks,
    calls,
    refusal,
    finishReason,
    ...(filter ? { filtered: fault.category } : {}),
    noChoice: empty && fault.choices === 'none',
    usage: usageOf(request, reply, `${content ?? ''}${refusal ?? ''}${calls.map((call) => call.arguments).join('')}`),
    model: reply.model ?? request.model ?? 'unknown',
    serviceTier: reply.serviceTier ?? 'default',
    headers: reply.headers ?? {},
    chunkDelayMs: reply.chunkDelayMs ?? 0,
  }
}

function resolveCall(
  call: NonNullable<LlmReply['toolCalls']>[number],
  request: LlmRequest,
  index: number,
): ResolvedCall {
  const given = call.arguments ?? {}
  return {
    id: call.id ?? `call_${request.number}_${index + 1}`,
    name: call.name,
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
  }
}

function contentOf(request: LlmRequest, reply: LlmReply, has: { calls: boolean; refusal: boolean }): string | null {
  if (reply.json !== undefined) return JSON.stringify(reply.json)
  if (reply.content !== undefined) return reply.content
  if (reply.chunks !== undefined) return reply.chunks.join('')
  if (has.calls || has.refusal) return null
  const format = requestedFormat(request.body)
  if (format?.schema !== undefined) return JSON.stringify(generateFromSchema(format.schema))
  return format === undefined ? '' : '{}'
}

function checkSchema(request: LlmRequest, reply: LlmReply, content: string): void {
  const format = requestedFormat(request.body)
  if (format === undefined || reply.skipSchema === true) return
  const named = `the ${format.name === undefined ? 'JSON' : `schema "${format.name}"`} that the request asks for`
  const hint = 'Correct the reply, or say `skipSchema: true` when a bad answer is what the test is about.'
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (error) {
    throw new LlmError('KEPLOY_LLM_SCHEMA', `The scripted reply is not ${named}: it is no JSON. ${hint}`, {
      cause: error,
    })
  }
  const problems =
    format.schema === undefined
      ? isObject(value)
        ? []
        : ['the whole value is no object']
      : validateSchema(value, format.schema)
  if (problems.length === 0) return
  throw new LlmError(
    'KEPLOY_LLM_SCHEMA',
    `The scripted reply does not satisfy ${named}: ${problems.join('; ')}. ${hint}`,
  )
}

/** A piece per word with the space in front of it; of very long texts more words a piece. */
export function cut(text: string): string[] {
  const words = text.match(/\s*\S+\s*$|\s*\S+|\s+/gu) ?? []
  const size = Math.ceil(words.length / 2000)
  if (size <= 1) return words
  return Array.from({ length: Math.ceil(words.length / size) }, (_, index) =>
    words.slice(index * size, (index + 1) * size).join(''),
  )
}

function usageOf(request: LlmRequest, reply: LlmReply, text: string): ResolvedReply['usage'] {
  const given = reply.usage ?? {}
  const asked = request.messages.reduce((sum, message) => sum + message.text.length, 0)
  return {
    input: given.prompt ?? Math.ceil(asked / 4),
    output: given.completion ?? Math.ceil(text.length / 4),
    cached: given.cached ?? 0,
    cacheWrite: given.cacheWrite ?? 0,
    reasoning: given.reasoning ?? 0,
  }
}
