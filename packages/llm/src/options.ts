import { LlmError } from './llm-error.ts'

/** Where a number has to lie. */
export interface NumberRange {
  readonly from?: number
  readonly to?: number
  readonly whole?: boolean
}

/**
 * Returns the number when it is one that an option allows.
 *
 * @throws {LlmError} `KEPLOY_LLM_OPTION`
 */
export function checkNumber(name: string, value: number, range: NumberRange = {}): number {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, whole = false } = range
  const fits = typeof value === 'number' && value >= from && value <= to && (!whole || Number.isInteger(value))
  if (fits) return value
  const bounds = [
    ...(Number.isFinite(from) ? [`at least ${from}`] : []),
    ...(Number.isFinite(to) ? [`at most ${to}`] : []),
  ].join(' and ')
  throw new LlmError(
    'KEPLOY_LLM_OPTION',
    `${name} is ${String(value)}, but has to be a ${whole ? 'whole ' : ''}number${bounds === '' ? '' : ` of ${bounds}`}.`,
  )
}
