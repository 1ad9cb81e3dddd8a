/** What became of a wish for tokens. */
export interface Consumption {
  /** False: nothing was taken, because it would have exceeded the limit. */
  allowed: boolean
  /** All that was taken by this persona of this tenant, this time included. */
  total_tokens: number
}

/** Counts the tokens that each persona of each tenant uses. */
export interface BudgetManager extends AsyncDisposable {
  readonly kind: 'Redis' | 'in-memory budgets'
  /**
   * Takes tokens if they fit the limit of the tenant, however many do so at once. With a `charge`, an id of what they are
   * taken for, they are taken once within a day, so that work that is begun again after a crash is not paid twice.
   *
   * @throws RangeError unless `tokens` is a whole number from 0 to 2^53 - 1
   * @throws UnavailableError when the counters cannot be reached: a budget that nobody can check is not spent
   * @example
   * await budgets.setBudgetLimit('clinic', 1000)
   * await budgets.consume('clinic', 'web_assistant', 800) // { allowed: true, total_tokens: 800 }
   * await budgets.consume('clinic', 'web_assistant', 300) // { allowed: false, total_tokens: 800 }
   */
  consume(tenant: string, persona: string, tokens: number, charge?: string): Promise<Consumption>
  /**
   * What each of some personas of a tenant has used, in their order.
   *
   * @throws UnavailableError when the counters cannot be reached
   */
  usage(tenant: string, personas: readonly string[]): Promise<number[]>
}

/** Who is counted for messages to no persona, and for those that came over the bus, of nobody. */
export const NOBODY = 'default'

/** What is set for a tenant. */
export interface TenantConfig {
  /**
   * How many tokens each persona of the tenant may use; undefined for any number, as where nothing was ever set. It holds
   * from the next `consume` on, and may be lower than what was used already.
   *
   * @throws RangeError unless it is a whole number from 0 to 2^53 - 1
   */
  setBudgetLimit(tenant: string, tokens: number | undefined): Promise<void>
  budgetLimit(tenant: string): Promise<number | undefined>
}

/** How long a charge is remembered. Work that fails is begun again within minutes. */
export const CHARGE_TTL_SECONDS = 86_400

/** Counters are whole numbers that Redis, Lua and JavaScript all count exactly. */
export function requireTokens(tokens: number): void {
  if (!Number.isSafeInteger(tokens) || tokens < 0) {
    throw new RangeError(`${tokens} is no number of tokens: a whole number from 0 to 2^53 - 1 is.`)
  }
}
