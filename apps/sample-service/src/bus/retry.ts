export interface RetryPolicy {
  /** How often a message is tried before it becomes a dead letter. Default 8. */
  attempts: number
  /** Before the second attempt, in milliseconds; doubled each time. Default 100. */
  firstDelayMs: number
  /** Default 10,000. */
  maxDelayMs: number
}

export const defaultRetry: RetryPolicy = { attempts: 8, firstDelayMs: 100, maxDelayMs: 10_000 }

/** How long to wait after an attempt that failed, counted from 1. */
export function delayAfter(attempt: number, { firstDelayMs, maxDelayMs }: RetryPolicy): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1))
}

/** Waits, or returns early when the signal is given. Never rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
