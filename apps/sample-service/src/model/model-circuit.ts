import { circuitBreaker, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'

import { UnavailableError } from '../bus/errors.ts'

export interface CircuitOptions {
  /** How many calls in a row must fail. Default 5. */
  threshold?: number
  /** How long no call is made then, in milliseconds. Default 60,000. */
  resetMs?: number
}

/**
 * A circuit for calls to one model: while it fails, it is left alone, and whoever asks is told so at once. Then one call
 * may try; the others wait for what comes of it. What the model refuses does not count: it is well.
 */
export class ModelCircuit {
  readonly #breaker: ReturnType<typeof circuitBreaker>

  constructor({ threshold = 5, resetMs = 60_000 }: CircuitOptions = {}) {
    this.#breaker = circuitBreaker(
      handleWhen((error) => error instanceof UnavailableError),
      { halfOpenAfter: resetMs, breaker: new ConsecutiveBreaker(threshold) },
    )
  }

  /** @throws BrokenCircuitError while the circuit is open; `describeOpenCircuit` says it to others */
  call<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#breaker.execute(work)
  }
}

/** What callers of a model get for an open circuit. It is not for the retries within: they would wait for nothing. */
export function describeOpenCircuit(error: unknown): unknown {
  if (!isBrokenCircuitError(error)) return error
  return new UnavailableError('The model has failed several times in a row, and is left alone for a while.', {
    cause: error,
  })
}
