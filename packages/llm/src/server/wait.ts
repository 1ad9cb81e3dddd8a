import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for so many milliseconds, or for ever; false when the signal came first. */
export async function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  if (Number.isFinite(ms)) {
    // Longer times than this a timer takes for none at all.
    return sleep(Math.min(ms, 2_147_483_647), true, { signal }).catch(() => false)
  }
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  return false
}
