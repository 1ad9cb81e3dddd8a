import type { TokenUsage } from './agent.ts'

/** In US dollars per 1,000 tokens. */
export interface TokenPrice {
  input_per_1k: number
  output_per_1k: number
}

/** Western text has about four characters to a token; only for agents that report no usage. */
const CHARACTERS_PER_TOKEN = 4

export function estimateUsage(prompt: string, answer: string): TokenUsage {
  const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN)
  return { input: tokensOf(prompt), output: tokensOf(answer), estimated: true }
}

/** Null without a price: unknown is not free. */
export function costOf({ input, output }: TokenUsage, price: TokenPrice | undefined): number | null {
  return price ? (input * price.input_per_1k + output * price.output_per_1k) / 1000 : null
}
