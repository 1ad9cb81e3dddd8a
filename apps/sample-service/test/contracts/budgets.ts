import { expect, test } from 'vitest'

import type { BudgetManager, TenantConfig } from '../../src/budget/budget-manager.ts'

type Budgets = BudgetManager & TenantConfig

/** What every keeper of budgets does; `use` lends one, with nothing used, to a test. */
export function budgetContract(name: string, use: (work: (budgets: Budgets) => Promise<void>) => Promise<void>): void {
  test(
    `${name}: without a limit everything is allowed, and counted`,
    () =>
      use(async (budgets) => {
        await expect(budgets.budgetLimit('t')).resolves.toBeUndefined()
        await expect(budgets.consume('t', 'p', 1_000_000)).resolves.toEqual({ allowed: true, total_tokens: 1_000_000 })
        await expect(budgets.consume('t', 'p', 0)).resolves.toEqual({ allowed: true, total_tokens: 1_000_000 })
      }),
    60_000,
  )

  test(
    `${name}: the limit itself is reached, not exceeded, and what is refused takes nothing`,
    () =>
      use(async (budgets) => {
        await budgets.setBudgetLimit('t', 100)
        await expect(budgets.budgetLimit('t')).resolves.toBe(100)
        await expect(budgets.consume('t', 'p', 60)).resolves.toEqual({ allowed: true, total_tokens: 60 })
        await expect(budgets.consume('t', 'p', 41)).resolves.toEqual({ allowed: false, total_tokens: 60 })
        await expect(budgets.consume('t', 'p', 40)).resolves.toEqual({ allowed: true, total_tokens: 100 })
        await expect(budgets.consume('t', 'p', 1)).resolves.toEqual({ allowed: false, total_tokens: 100 })
        await expect(budgets.consume('t', 'p', 0)).resolves.toEqual({ allowed: true, total_tokens: 100 })
      }),
    60_000,
  )

  test(
    `${name}: a limit of zero allows nothing; a limit can be lowered, raised and removed`,
    () =>
      use(async (budgets) => {
        await budgets.setBudgetLimit('t', 0)
        await expect(budgets.consume('t', 'p', 1)).resolves.toEqual({ allowed: false, total_tokens: 0 })
        await budgets.setBudgetLimit('t', 10)
        await budgets.consume('t', 'p', 10)
        await budgets.setBudgetLimit('t', 5)
        await expect(budgets.consume('t', 'p', 1)).resolves.toEqual({ allowed: false, total_tokens: 10 })
        await budgets.setBudgetLimit('t', undefined)
        await expect(budgets.consume('t', 'p', 1)).resolves.toEqual({ allowed: true, total_tokens: 11 })
      }),
    60_000,
  )

  test(
    `${name}: tenants and personas are counted apart, whatever they are called`,
    () =>
      use(async (budgets) => {
        await budgets.setBudgetLimit('a', 1)
        const names = [
          ['a', 'p'],
          ['a', 'q'],
          ['a:used', 'p'],
          ['a', 'p:q'],
          ['a:p', 'q'],
          ['{a}', 'p'],
          ['Zoë 🎲', ''],
          ['', 'Zoë 🎲'],
        ] as const
        for (const [tenant, persona] of names) {
          await expect(budgets.consume(tenant, persona, 1)).resolves.toEqual({ allowed: true, total_tokens: 1 })
        }
        await expect(budgets.consume('a', 'p', 1)).resolves.toMatchObject({ allowed: false })
        await expect(budgets.usage('a', ['q', 'unused', 'p:q', 'p'])).resolves.toEqual([1, 0, 1, 1])
        await expect(budgets.usage('', ['Zoë 🎲'])).resolves.toEqual([1])
        await expect(budgets.usage('a', [])).resolves.toEqual([])
        await expect(budgets.consume('a:used', 'p', 1)).resolves.toMatchObject({ allowed: true })
      }),
    60_000,
  )

  test(
    `${name}: a thousand at once never overshoot, and use all that there is`,
    () =>
      use(async (budgets) => {
        await budgets.setBudgetLimit('t', 1_000)
        const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => budgets.consume('t', 'p', 7)))
        const allowed = outcomes.filter((outcome) => outcome.allowed)
        expect(allowed).toHaveLength(142)
        // Each of them saw a total of its own.
        expect(allowed.map(({ total_tokens }) => total_tokens).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 142 }, (_, index) => (index + 1) * 7),
        )
        await expect(budgets.consume('t', 'p', 0)).resolves.toEqual({ allowed: true, total_tokens: 994 })
      }),
    60_000,
  )

  test(
    `${name}: one charge is taken once, also by many at once; a refused one may be tried again`,
    () =>
      use(async (budgets) => {
        await budgets.setBudgetLimit('t', 10)
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => budgets.consume('t', 'p', 4, 'event-1')))
        expect(outcomes).toEqual(outcomes.map(() => ({ allowed: true, total_tokens: 4 })))
        await expect(budgets.consume('t', 'p', 7, 'event-2')).resolves.toEqual({ allowed: false, total_tokens: 4 })
        await budgets.setBudgetLimit('t', 11)
        await expect(budgets.consume('t', 'p', 7, 'event-2')).resolves.toEqual({ allowed: true, total_tokens: 11 })
        // Paid for before, so it is not refused afterwards.
        await expect(budgets.consume('t', 'p', 4, 'event-1')).resolves.toEqual({ allowed: true, total_tokens: 11 })
      }),
    60_000,
  )

  test(
    `${name}: large numbers stay exact, and what is no number of tokens is refused`,
    () =>
      use(async (budgets) => {
        const large = Number.MAX_SAFE_INTEGER - 1
        await expect(budgets.consume('t', 'p', large)).resolves.toEqual({ allowed: true, total_tokens: large })
        await expect(budgets.consume('t', 'p', 1)).resolves.toEqual({ allowed: true, total_tokens: large + 1 })
        for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
          await expect(budgets.consume('t', 'p', wrong)).rejects.toThrow(RangeError)
          await expect(budgets.setBudgetLimit('t', wrong)).rejects.toThrow(RangeError)
        }
      }),
    60_000,
  )
}
