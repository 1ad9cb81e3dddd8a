import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

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

/**
 * Gives a client a moment to read what was sent: clients throw away what they have not read when a connection breaks.
 *
 * @returns false when the signal came first
 */
export async function settle(ms: number, signal: AbortSignal): Promise<boolean> {
  if (!(await wait(ms, signal))) return false
  // A client in this process reads between the turns of the event loop, however late the timer was.
  for (let count = 0; count < 3; count++) await turn()
  return !signal.aborted
}
