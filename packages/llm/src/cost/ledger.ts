import type { LlmUsage } from '../script/llm-request.ts'
import { tidy } from './calculate.ts'

/** What one model cost. */
export interface ModelCost {
  readonly model: string
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** `undefined`: its price is not known. */
  readonly usd: number | undefined
}

/** What requests cost. */
export interface LlmCost {
  /** By the price table, whoever answered: scripts and recordings count what the real API would have cost. */
  readonly usd: number
  /** What was really spent: only what was sent to the real API. */
  readonly spentUsd: number
  readonly calls: number
  readonly models: readonly ModelCost[]
  /** Models without a price; their tokens are not in `usd`. */
  readonly unpriced: readonly string[]
}

/** One request in the books. */
export interface LedgerEntry {
  readonly model: string
  readonly usage: LlmUsage
  readonly usd: number | undefined
  readonly real: boolean
}

/** Adds up what requests cost. */
export class CostLedger {
  readonly #models = new Map<string, { calls: number; input: number; output: number; usd: number | undefined }>()
  #spent = 0

  add({ model, usage, usd, real }: LedgerEntry): void {
    const row = this.#models.get(model) ?? { calls: 0, input: 0, output: 0, usd: 0 }
    row.calls++
    row.input += usage.input
    row.output += usage.output
    // One request without a price makes the sum unknown; it must not look like a small one.
    row.usd = row.usd === undefined || usd === undefined ? undefined : tidy(row.usd + usd)
    this.#models.set(model, row)
    if (real) this.#spent = tidy(this.#spent + (usd ?? 0))
  }

  read(): LlmCost {
    const models = [...this.#models].map(([model, row]) => ({
      model,
      calls: row.calls,
      inputTokens: row.input,
      outputTokens: row.output,
      usd: row.usd,
    }))
    return {
      usd: tidy(models.reduce((sum, { usd }) => sum + (usd ?? 0), 0)),
      spentUsd: this.#spent,
      calls: models.reduce((sum, { calls }) => sum + calls, 0),
      models,
      unpriced: models.filter(({ usd }) => usd === undefined).map(({ model }) => model),
    }
  }
}
