import { deadLetterOf, type DeadLetter } from './dead-letter.ts'
import { PoisonError, UnavailableError } from './errors.ts'
import type { Delivery, Handler } from './event-bus.ts'
import { delayAfter, pause, type RetryPolicy } from './retry.ts'

export interface DeliverOptions {
  group: string
  retry: RetryPolicy
  /** Given when the consumer closes: nothing is tried again from then on. */
  closing: AbortSignal
  bury: (letter: DeadLetter) => Promise<void>
}

/**
 * Hands one message to its handler until it is done or buried. Resolves with false when the consumer closed before
 * that; the message must then be delivered again.
 */
export async function deliver(delivery: Delivery, handler: Handler, options: DeliverOptions): Promise<boolean> {
  const { group, retry, closing, bury } = options
  let letter: DeadLetter | undefined
  for (let attempt = 1; !closing.aborted; attempt++) {
    try {
      await (letter ? bury(letter) : handler(delivery))
      return true
    } catch (error) {
      const hopeless =
        error instanceof PoisonError || (attempt >= retry.attempts && !(error instanceof UnavailableError))
      if (!letter && hopeless) {
        letter = deadLetterOf(delivery, error, { group, attempts: attempt })
        attempt = 0
        continue
      }
    }
    await pause(delayAfter(attempt, retry), closing)
  }
  return false
}
