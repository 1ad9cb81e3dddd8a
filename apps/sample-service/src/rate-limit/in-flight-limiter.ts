import { TooManyRequestsError } from './too-many-requests-error.ts'

export interface InFlightLimiterOptions {
  /** How many requests of one user are worked on at once. Default 10. */
  limit?: number
  /** How many more of one user wait; further ones are refused at once. Default 1,000. */
  maxWaiting?: number
  /** How long one waits, in milliseconds, before it is refused. Default 30,000. */
  maxWaitMs?: number
}

/** Gives the place free for the next one. Calling it again does nothing. */
export type Release = () => void

interface User {
  inFlight: number
  /** First come, first served. A Set keeps the order, and one that gives up leaves it without a search. */
  waiting: Set<() => void>
}

/**
 * Lets each user have a few requests in flight; the next one waits until one of them has ended, in the order in which
 * they came. Users do not wait for each other, and nothing is kept of a user who has no requests. The places are those
 * of this process: with several gateways a user has as many in each.
 */
export class InFlightLimiter {
  readonly #limit: number
  readonly #maxWaiting: number
  readonly #maxWaitMs: number
  readonly #users = new Map<string, User>()

  constructor(options: InFlightLimiterOptions = {}) {
    this.#limit = options.limit ?? 10
    this.#maxWaiting = options.maxWaiting ?? 1_000
    this.#maxWaitMs = options.maxWaitMs ?? 30_000
  }

  /** How many users have requests at the moment. */
  get users(): number {
    return this.#users.size
  }

  /** How many requests of a user are in flight, and how many wait. */
  loadOf(user: string): { inFlight: number; waiting: number } {
    const { inFlight = 0, waiting } = this.#users.get(user) ?? {}
    return { inFlight, waiting: waiting?.size ?? 0 }
  }

  /**
   * Waits for a place. Whoever gets one must release it, whatever becomes of the work.
   *
   * @throws TooManyRequestsError when too many wait already, or when no place was free in time
   * @throws the reason of `signal` when it is aborted while waiting
   */
  async acquire(user: string, signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted()
    const state = this.#users.get(user) ?? { inFlight: 0, waiting: new Set() }
    this.#users.set(user, state)
    if (state.inFlight < this.#limit) state.inFlight += 1
    else await this.#wait(state, signal)

    let released = false
    return () => {
      if (released) return
      released = true
      this.#release(user, state)
    }
  }

  /**
   * Does some work in a place of the user.
   *
   * @example
   * await limiter.run('clinic/zoe', () => fetch(url))
   */
  async run<Result>(user: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const release = await this.acquire(user, signal)
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** Resolves when a place was handed over, which is counted as in flight already. */
  #wait({ waiting }: User, signal: AbortSignal | undefined): Promise<void> {
    if (waiting.size >= this.#maxWaiting) {
      throw new TooManyRequestsError(`More than ${this.#limit + this.#maxWaiting} requests of this user at once`)
    }
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        waiting.delete(proceed)
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
      const proceed = (): void => {
        stop()
        resolve()
      }
      const abort = (): void => {
        stop()
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        stop()
        reject(new TooManyRequestsError(`No request of this user ended within ${this.#maxWaitMs} ms`))
      }, this.#maxWaitMs)
      signal?.addEventListener('abort', abort, { once: true })
      waiting.add(proceed)
    })
  }

  #release(user: string, state: User): void {
    // The place goes to the next one directly: nobody who comes now can take it before.
    for (const proceed of state.waiting) return proceed()
    state.inFlight -= 1
    if (state.inFlight === 0) this.#users.delete(user)
  }
}
