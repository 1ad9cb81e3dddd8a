import type { LlmUse, RunResult } from '@keploy-framework/format'

import { count, plural } from './text/numbers.ts'

/** What all tests of a run used of language models; nothing when none called one. */
export function totalLlmUse(result: RunResult): LlmUse | undefined {
  let total: LlmUse | undefined
  for (const { calls } of result.sets.flatMap(({ tests }) => tests)) {
    if (calls?.llm === undefined) continue
    total = total === undefined ? calls.llm : sum(total, calls.llm)
  }
  return total
}

function sum(a: LlmUse, b: LlmUse): LlmUse {
  const unknown = (a.unknown ?? 0) + (b.unknown ?? 0)
  return {
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...(unknown > 0 && { unknown }),
    ...(a.costUsd !== undefined && b.costUsd !== undefined && { costUsd: Number((a.costUsd + b.costUsd).toFixed(12)) }),
  }
}

/**
 * What was used, for people. The costs are those of the recorded calls: a replay spends nothing.
 *
 * @example
 * llmUseText({ calls: 1, inputTokens: 9, outputTokens: 3, costUsd: 0.000003 }) // '1 call, 9 tokens in, 3 out, 0.0000030 USD'
 */
export function llmUseText({ calls, inputTokens, outputTokens, unknown = 0, costUsd }: LlmUse): string {
  const tokens = unknown === calls ? 'tokens unknown' : `${plural(inputTokens, 'token')} in, ${count(outputTokens)} out`
  const missing = unknown > 0 && unknown < calls ? `, unknown for ${count(unknown)} of them` : ''
  const cost = costUsd === undefined ? 'cost unknown' : usd(costUsd)
  return `${plural(calls, 'call')}, ${tokens}${missing}, ${cost}`
}

function usd(amount: number): string {
  return `${amount >= 0.01 || amount === 0 ? amount.toFixed(2) : amount.toPrecision(2)} USD`
}
