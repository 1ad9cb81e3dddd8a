import { z } from 'zod'

import { defineTool } from '../tools/tool.ts'

const cost = z.object({
  name: z.string().min(1).max(200),
  monthly_amount: z.number().nonnegative().max(1e12).describe('In US dollars.'),
  utilization: z.number().min(0).max(1).default(1).describe('How much of it is used.'),
})

export type Cost = z.input<typeof cost>

export interface CostAnalysis {
  monthly_total: number
  /** What is paid for and not used; the most expensive first. */
  idle: { name: string; monthly_amount: number }[]
  monthly_idle: number
}

/**
 * Adds up costs, and what is paid for and not used.
 *
 * @example
 * analyzeCosts([{ name: 'cluster', monthly_amount: 100, utilization: 0.2 }])
 * // { monthly_total: 100, idle: [{ name: 'cluster', monthly_amount: 80 }], monthly_idle: 80 }
 */
export function analyzeCosts(costs: readonly Cost[]): CostAnalysis {
  const idle = costs
    .map(({ name, monthly_amount, utilization = 1 }) => ({
      name,
      monthly_amount: toCents(monthly_amount * (1 - utilization)),
    }))
    .filter(({ monthly_amount }) => monthly_amount > 0)
    .sort((a, b) => b.monthly_amount - a.monthly_amount)
  const sum = (amounts: readonly { monthly_amount: number }[]): number =>
    toCents(amounts.reduce((total, { monthly_amount }) => total + monthly_amount, 0))
  return { monthly_total: sum(costs), idle, monthly_idle: sum(idle) }
}

const toCents = (amount: number): number => Math.round(amount * 100) / 100

/** The tool of `cost_optimizer`. */
export const analyzeCostsTool = defineTool({
  name: 'analyze_costs',
  description: 'Adds up monthly costs, and what is paid for and not used.',
  args: z.object({ costs: z.array(cost).max(1_000) }),
  run: async ({ costs }) => analyzeCosts(costs),
})
