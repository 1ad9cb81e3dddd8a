/** What a model costs, in US dollars per 1000 tokens. */
export interface TokenPrice {
  readonly input: number
  readonly output: number
  /** For the part of the input that came from the cache. Default: as `input`. */
  readonly cached?: number
}

/** What is known of a model. */
export interface ModelPrice extends TokenPrice {
  /** The most tokens that one answer has; for the worst case of a request that names no maximum. */
  readonly maxOutput?: number
  /** Prices of other service tiers (`flex`, `priority`). A tier that is not here has no price. */
  readonly tiers?: Readonly<Record<string, TokenPrice>>
}

/** Prices and their date. */
export interface PriceTable {
  /** The day on which they were looked up, `YYYY-MM-DD`. */
  readonly asOf: string
  /** Where they were looked up. */
  readonly source: string
  readonly models: Readonly<Record<string, ModelPrice>>
}

/**
 * The prices that count unless others are given. They were compared with listings of third parties, not with the vendor's
 * page, and prices change: give your own in `prices` where amounts matter.
 */
export const defaultPrices: PriceTable = {
  asOf: '2026-06-01',
  source: 'listings of third parties of what https://openai.com/api/pricing says',
  models: {
    'gpt-3.5-turbo': { input: 0.0005, output: 0.0015, maxOutput: 4096 },
    'gpt-4': { input: 0.03, output: 0.06, maxOutput: 8192 },
    'gpt-4-turbo': { input: 0.01, output: 0.03, maxOutput: 4096 },
    'gpt-4o': { input: 0.0025, output: 0.01, cached: 0.00125, maxOutput: 16_384 },
    'gpt-4o-2024-05-13': { input: 0.005, output: 0.015, maxOutput: 4096 },
    'gpt-4o-mini': { input: 0.00015, output: 0.0006, cached: 0.000075, maxOutput: 16_384 },
    'gpt-4.1': { input: 0.002, output: 0.008, cached: 0.0005, maxOutput: 32_768 },
    'gpt-4.1-mini': { input: 0.0004, output: 0.0016, cached: 0.0001, maxOutput: 32_768 },
    'gpt-4.1-nano': { input: 0.0001, output: 0.0004, cached: 0.000025, maxOutput: 32_768 },
    'gpt-5': { input: 0.00125, output: 0.01, cached: 0.000125, maxOutput: 128_000 },
    'gpt-5-mini': { input: 0.00025, output: 0.002, cached: 0.000025, maxOutput: 128_000 },
    'gpt-5-nano': { input: 0.00005, output: 0.0004, cached: 0.000005, maxOutput: 128_000 },
    o1: { input: 0.015, output: 0.06, cached: 0.0075, maxOutput: 100_000 },
    o3: { input: 0.002, output: 0.008, cached: 0.0005, maxOutput: 100_000 },
    'o3-mini': { input: 0.0011, output: 0.0044, cached: 0.00055, maxOutput: 100_000 },
    'o4-mini': { input: 0.0011, output: 0.0044, cached: 0.000275, maxOutput: 100_000 },
    'text-embedding-3-small': { input: 0.00002, output: 0, maxOutput: 0 },
    'text-embedding-3-large': { input: 0.00013, output: 0, maxOutput: 0 },
    'text-embedding-ada-002': { input: 0.0001, output: 0, maxOutput: 0 },
  },
}

/** Figures that people agree on, as data. */
export const costDefaults = {
  /** A month that costs more than this, in US dollars, is worth an alert. */
  monthlyAlertUsd: 300,
  /** A cheap model for checks such as policy violations. */
  cheapModel: 'gpt-4o-mini',
} as const

/**
 * The price of a model: by its name, or by its name without the date of a snapshot (`gpt-4o-2024-08-06`). `undefined` when
 * it is not known, also for a service tier without a price.
 */
export function findPrice(model: string, tier: string | undefined, table: PriceTable): ModelPrice | undefined {
  const base = model.replace(/-\d{4}-\d{2}-\d{2}$/, '')
  const name = [model, base].find((one) => Object.hasOwn(table.models, one))
  const price = name === undefined ? undefined : table.models[name]
  if (price === undefined || tier === undefined || ['default', 'standard', 'auto'].includes(tier)) return price
  const special = price.tiers !== undefined && Object.hasOwn(price.tiers, tier) ? price.tiers[tier] : undefined
  return special === undefined
    ? undefined
    : { ...special, ...(price.maxOutput === undefined ? {} : { maxOutput: price.maxOutput }) }
}

/** A table with further or other prices, which go before those of the table. */
export function withPrices(prices: Partial<PriceTable> | undefined): PriceTable {
  if (prices === undefined) return defaultPrices
  return { ...defaultPrices, ...prices, models: { ...defaultPrices.models, ...prices.models } }
}
