import { arrayOf, isObject, type JsonObject, numberOf, textOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { checkNumber } from '../options.ts'
import { tidy, usageCost } from './calculate.ts'
import { findPrice, type PriceTable } from './prices.ts'

/** Money that is set aside for one request until its price is known. */
export interface Reservation {
  /** Books what it cost. `undefined`: nobody knows, so that the whole worst case counts as spent. */
  settle(usd: number | undefined): void
}

/**
 * A limit that holds also when many requests run at once: the worst case of each is set aside before it is sent, and
 * checking and setting aside are one step.
 */
export class Budget {
  readonly limitUsd: number
  #spent = 0
  #reserved = 0

  constructor(limitUsd: number) {
    this.limitUsd = checkNumber('budgetUsd', limitUsd, { from: 0 })
  }

  get spentUsd(): number {
    return this.#spent
  }

  /**
   * Sets the worst case of a request aside.
   *
   * @throws {LlmError} `KEPLOY_LLM_BUDGET` when it does not fit any more
   */
  reserve(worstUsd: number): Reservation {
    if (this.#spent + this.#reserved + worstUsd > this.limitUsd + 1e-12) {
      throw new LlmError(
        'KEPLOY_LLM_BUDGET',
        `The budget of ${formatUsd(this.limitUsd)} does not allow this request: ${formatUsd(this.#spent)} are spent, ${formatUsd(
          this.#reserved,
        )} are set aside for requests under way, and this one could cost ${formatUsd(worstUsd)}. Nothing was sent. ` +
          'Raise the budget, or give the request a smaller maximum of tokens.',
      )
    }
    this.#reserved += worstUsd
    let open = true
    return {
      settle: (usd) => {
        if (!open) return
        open = false
        this.#reserved = tidy(this.#reserved - worstUsd)
        this.#spent = tidy(this.#spent + (usd ?? worstUsd))
      },
    }
  }
}

/** So many tokens an image, a file or a sound is taken to be; the most that a picture is known to count. */
const MEDIA_TOKENS = 50_000
const MAX_OUTPUT = 128_000
/** What the API adds from earlier turns is at most the largest context window. */
const HIDDEN_TOKENS = 1_050_000

/**
 * The most that a request can cost: every byte of its text a token, and as many tokens of output as it allows.
 *
 * @throws {LlmError} `KEPLOY_LLM_UNPRICED` when the model has no price, so that no budget can be kept
 */
export function worstCase(body: JsonObject, bytes: number, table: PriceTable): number {
  const model = textOf(body['model']) ?? ''
  const tier = textOf(body['service_tier'])
  const price = findPrice(model, tier, table)
  if (price === undefined) {
    throw new LlmError(
      'KEPLOY_LLM_UNPRICED',
      `The price of ${model === '' ? 'a request without a model' : model}${tier === undefined ? '' : ` (${tier})`} is not known ` +
        `(prices of ${table.asOf}), so that no budget can be kept. Nothing was sent. Give its price in \`prices\`.`,
    )
  }
  const hidden = ['previous_response_id', 'conversation', 'prompt'].some((key) => (body[key] ?? null) !== null)
  const media = countMedia(body['messages']) + countMedia(body['input'])
  const most =
    numberOf(body['max_completion_tokens']) ??
    numberOf(body['max_tokens']) ??
    numberOf(body['max_output_tokens']) ??
    price.maxOutput ??
    MAX_OUTPUT
  const output = most * Math.max(1, numberOf(body['n']) ?? 1)
  return (
    usageCost(
      { input: bytes + media * MEDIA_TOKENS + (hidden ? HIDDEN_TOKENS : 0), output, cached: 0, reasoning: 0 },
      model,
      tier,
      table,
    ) ?? 0
  )
}

function countMedia(messages: unknown): number {
  let count = 0
  for (const message of arrayOf(messages)) {
    for (const part of isObject(message) ? arrayOf(message['content']) : []) {
      const type = isObject(part) ? (textOf(part['type']) ?? '') : ''
      if (/image|file|audio/.test(type)) count++
    }
  }
  return count
}

/** An amount as people read it. */
export function formatUsd(usd: number): string {
  return `${usd >= 0.01 || usd === 0 ? usd.toFixed(2) : usd.toPrecision(2)} USD`
}
