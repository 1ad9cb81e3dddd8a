import { isObject, type JsonObject, numberOf, textOf } from '../json.ts'
import type { LlmUsage } from '../script/llm-request.ts'
import { readUsage, usageCost } from './calculate.ts'
import { type PriceTable, withPrices } from './prices.ts'

/** A call over HTTP to a language model, as it was recorded. */
export interface RecordedAnswer {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly requestBody: string
  readonly status: number
  /** The body of the answer; empty for a stream. */
  readonly body: string
  /** The `data` of each event of a stream, in order. Default: none. */
  readonly events?: readonly string[]
}

/** What such a call used. */
export interface AnswerCost {
  /** The model that answered, else the one that was asked for. */
  readonly model: string
  /** As the answer reports it; absent when it reports none. An answer that is an error used nothing. */
  readonly usage?: LlmUsage
  /** US dollars; absent when the usage or the price is not known. */
  readonly usd?: number
}

const ENDPOINT = /\/(?:completions|responses|embeddings|messages)$/
const NOTHING: LlmUsage = { input: 0, output: 0, cached: 0, reasoning: 0 }

/**
 * What a call to a language model used, by the API of OpenAI (chat completions, responses, embeddings) or of Anthropic
 * (messages), answered at once or as a stream. Nothing for a call of another kind.
 *
 * @example
 * costOfAnswer({ method: 'POST', target: '/v1/embeddings', requestBody: '{"model":"text-embedding-3-small","input":"a"}',
 *   status: 200, body: '{"usage":{"prompt_tokens":1}}' })?.usage?.input // 1
 */
export function costOfAnswer(answer: RecordedAnswer, prices?: Partial<PriceTable>): AnswerCost | undefined {
  const [path = ''] = answer.target.split('?', 1)
  if (answer.method !== 'POST' || !ENDPOINT.test(path)) return undefined
  const asked = parse(answer.requestBody)
  if (asked === undefined) return undefined
  // Other APIs have messages too.
  if (path.endsWith('/messages') && (asked['max_tokens'] === undefined || !Array.isArray(asked['messages']))) {
    return undefined
  }
  const parts = [answer.body, ...(answer.events ?? [])].map(parse).filter((part) => part !== undefined)
  const model = [...parts.map((part) => textOf(holderOf(part)['model'])), textOf(asked['model'])].find(
    (name) => name !== undefined && name !== '',
  )
  if (model === undefined) return undefined
  const usage = answer.status >= 400 ? NOTHING : parts.reduce<LlmUsage | undefined>(withUsage, undefined)
  if (usage === undefined) return { model }
  const tier = parts.map((part) => textOf(holderOf(part)['service_tier'])).findLast((name) => name !== undefined)
  const usd = usage === NOTHING ? 0 : usageCost(usage, model, tier, withPrices(prices))
  return { model, usage, ...(usd !== undefined && { usd }) }
}

/** The object that tells model and usage: the answer itself, or what an event of a stream carries. */
function holderOf(part: JsonObject): JsonObject {
  if (isObject(part['response'])) return part['response']
  return part['type'] === 'message_start' && isObject(part['message']) ? part['message'] : part
}

/** Streams tell the usage once, in their last chunk, or (Anthropic) the input first and the output last. */
function withUsage(before: LlmUsage | undefined, part: JsonObject): LlmUsage | undefined {
  const holder = holderOf(part)
  const now = readUsage(holder)
  if (now !== undefined) return now
  const output = isObject(holder['usage']) ? numberOf(holder['usage']['output_tokens']) : undefined
  return before === undefined || output === undefined ? before : { ...before, output }
}

function parse(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
