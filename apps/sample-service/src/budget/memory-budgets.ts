import {
  CHARGE_TTL_SECONDS,
  requireTokens,
  type BudgetManager,
  type Consumption,
  type TenantConfig,
} from './budget-manager.ts'

/** How many charges are remembered; the oldest are forgotten first. */
const MAX_CHARGES = 100_000

/** Budgets within this process. They begin at zero with every start. */
export class MemoryBudgets implements BudgetManager, TenantConfig {
  readonly kind = 'in-memory budgets'
  readonly #limits = new Map<string, number>()
  readonly #used = new Map<string, number>()
  /** When each charge was made, in that order. */
  readonly #charges = new Map<string, number>()
  readonly #now: () => number

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now
  }

  async consume(tenant: string, persona: string, tokens: number, charge?: string): Promise<Consumption> {
    requireTokens(tokens)
    const counter = JSON.stringify([tenant, persona])
    const used = this.#used.get(counter) ?? 0
    if (charge !== undefined) {
      this.#forgetOldCharges()
      if (this.#charges.has(JSON.stringify([tenant, charge]))) return { allowed: true, total_tokens: used }
    }
    if (used + tokens > (this.#limits.get(tenant) ?? Infinity)) return { allowed: false, total_tokens: used }
    this.#used.set(counter, used + tokens)
    if (charge !== undefined) this.#charges.set(JSON.stringify([tenant, charge]), this.#now())
    return { allowed: true, total_tokens: used + tokens }
  }

  async usage(tenant: string, personas: readonly string[]): Promise<number[]> {
    return personas.map((persona) => this.#used.get(JSON.stringify([tenant, persona])) ?? 0)
  }

  async setBudgetLimit(tenant: string, tokens: number | undefined): Promise<void> {
    if (tokens === undefined) return void this.#limits.delete(tenant)
    requireTokens(tokens)
    this.#limits.set(tenant, tokens)
  }

  async budgetLimit(tenant: string): Promise<number | undefined> {
    return this.#limits.get(tenant)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #forgetOldCharges(): void {
    for (const [charge, made] of this.#charges) {
      if (made + CHARGE_TTL_SECONDS * 1000 > this.#now() && this.#charges.size < MAX_CHARGES) return
      this.#charges.delete(charge)
    }
  }
}
