import { isObject, type JsonObject, numberOf } from '../json.ts'
import type { LlmUsage } from '../script/llm-request.ts'
import { findPrice, type PriceTable, withPrices } from './prices.ts'

/** How tokens are counted. */
export interface TokenCostOptions {
  /** Default: `input`. */
  readonly kind?: 'input' | 'output' | 'cached'
  /** Prices that go before the built-in ones. Default: none. */
  readonly prices?: Partial<PriceTable>
}

/**
 * What so many tokens cost in US dollars; `undefined` for a model without a known price, never 0.
 *
 * @example
 * calculateTokenCost(1000, 'gpt-4') // 0.03
 */
export function calculateTokenCost(tokens: number, model: string, options: TokenCostOptions = {}): number | undefined {
  const { kind = 'input' } = options
  const usage = { input: kind === 'output' ? 0 : tokens, output: kind === 'output' ? tokens : 0, reasoning: 0 }
  return usageCost({ ...usage, cached: kind === 'cached' ? tokens : 0 }, model, undefined, withPrices(options.prices))
}

/** What a request costs. Cached and reasoning tokens are part of input and output, and count once. */
export function usageCost(
  usage: LlmUsage,
  model: string,
  tier: string | undefined,
  table: PriceTable,
): number | undefined {
  const price = findPrice(model, tier, table)
  if (price === undefined) return undefined
  const cached = Math.min(usage.cached, usage.input)
  const sum =
    (usage.input - cached) * price.input + cached * (price.cached ?? price.input) + usage.output * price.output
  return tidy(sum / 1000)
}

/** Without the dust of binary fractions, so that 0.1 + 0.2 is 0.3. */
export function tidy(usd: number): number {
  return Number(usd.toFixed(12))
}

/** The usage that an answer reports, whichever endpoint it came from; `undefined` when it reports none. */
export function readUsage(answer: unknown): LlmUsage | undefined {
  const usage = isObject(answer) ? answer['usage'] : undefined
  if (!isObject(usage)) return undefined
  const input = numberOf(usage['prompt_tokens']) ?? numberOf(usage['input_tokens'])
  const output = numberOf(usage['completion_tokens']) ?? numberOf(usage['output_tokens']) ?? 0
  if (input === undefined) return undefined
  // Anthropic counts what the cache held, and what was put into it, apart.
  const fromCache = numberOf(usage['cache_read_input_tokens']) ?? 0
  const intoCache = numberOf(usage['cache_creation_input_tokens']) ?? 0
  return {
    input: input + fromCache + intoCache,
    output,
    cached: fromCache + detail(usage, ['prompt_tokens_details', 'input_tokens_details'], 'cached_tokens'),
    reasoning: detail(usage, ['completion_tokens_details', 'output_tokens_details'], 'reasoning_tokens'),
  }
}

function detail(usage: JsonObject, groups: readonly string[], name: string): number {
  for (const group of groups) {
    const details = usage[group]
    const value = isObject(details) ? numberOf(details[name]) : undefined
    if (value !== undefined) return value
  }
  return 0
}
