import { formatUsd } from './budget.ts'
import type { LlmCost } from './ledger.ts'
import { costDefaults, type PriceTable } from './prices.ts'

/** Costs with the name of what they belong to. */
export interface NamedCost {
  readonly name: string
  readonly cost: LlmCost
}

/**
 * A table in Markdown, which also reads well as plain text: one line a test, then the run. Models without a price are
 * named; they are not in the sums.
 */
export function formatCost(rows: readonly NamedCost[], run: LlmCost, prices: PriceTable): string {
  const line = ({ name, cost }: NamedCost): string =>
    `| ${name.replaceAll('|', '/')} | ${cost.calls} | ${formatUsd(cost.usd)} | ${formatUsd(cost.spentUsd)} | ${
      cost.unpriced.length === 0 ? '' : `unpriced: ${cost.unpriced.join(', ')}`
    } |`
  return [
    '| test | calls | by price table | really spent | |',
    '| --- | ---: | ---: | ---: | --- |',
    ...rows.filter(({ cost }) => cost.calls > 0).map(line),
    line({ name: '**run**', cost: run }),
    '',
    `Prices of ${prices.asOf} (${prices.source}).`,
    '',
  ].join('\n')
}

/** Where the month stands, see {@link monthlyAlert}. */
export interface MonthlyAlert {
  readonly alert: boolean
  readonly message: string
}

/**
 * Whether what a month cost is worth an alert.
 *
 * @param spentUsd what the month cost until now, from wherever it is kept
 * @param limitUsd default: 300
 */
export function monthlyAlert(spentUsd: number, limitUsd: number = costDefaults.monthlyAlertUsd): MonthlyAlert {
  const alert = spentUsd >= limitUsd
  return {
    alert,
    message: `${formatUsd(spentUsd)} of ${formatUsd(limitUsd)} this month${alert ? ': look at what runs so often.' : '.'}`,
  }
}
