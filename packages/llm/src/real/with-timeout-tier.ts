import { LlmError } from '../llm-error.ts'
import { wait } from '../server/wait.ts'

/** Milliseconds that a test with a real model may take: a single answer, one with tools, a chain. */
export const timeoutTiers = { quick: 15_000, standard: 30_000, long: 60_000 } as const

export type TimeoutTier = keyof typeof timeoutTiers

/** How time is kept. */
export interface TimeoutTierOptions {
  /** Waits; false when the signal came first. Default: the system's clock. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<boolean>
}

/**
 * Runs work within the time of a tier. The signal is aborted when the time is over; hand it to the client, so that the
 * connection closes.
 *
 * @throws {LlmError} `KEPLOY_LLM_TIMEOUT` when the time is over
 * @example
 * await withTimeoutTier('quick', (signal) => client.chat.completions.create(request, { signal }))
 */
export async function withTimeoutTier<T>(
  tier: TimeoutTier,
  work: (signal: AbortSignal) => Promise<T>,
  options: TimeoutTierOptions = {},
): Promise<T> {
  const { sleep = wait } = options
  const ms = timeoutTiers[tier]
  const late = new AbortController()
  const done = new AbortController()
  const running = work(late.signal)
  const expired = async (): Promise<never> => {
    if (!(await sleep(ms, done.signal))) return new Promise<never>(() => undefined)
    const error = new LlmError('KEPLOY_LLM_TIMEOUT', `No answer within ${ms / 1000} s (tier "${tier}").`)
    late.abort(error)
    throw error
  }
  try {
    return await Promise.race([running, expired()])
  } finally {
    done.abort()
    // When the time is over, nobody waits for what the aborted work throws.
    running.catch(() => undefined)
  }
}
