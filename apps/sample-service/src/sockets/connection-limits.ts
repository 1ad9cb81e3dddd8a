import type { UserKey } from '../auth/user.ts'
import { HttpError } from '../http/http-error.ts'
import { TooManyRequestsError } from '../rate-limit/too-many-requests-error.ts'

export interface ConnectionLimitsOptions {
  /** How many WebSockets this process holds; the next one is a 503. Default 10,000. */
  perProcess?: number
  /** How many of them one user has; the next one is a 429. Default 100. */
  perUser?: number
}

/** How many WebSockets of all kinds are open, in this process and of each user. Nothing is kept of a user without any. */
export class ConnectionLimits {
  readonly #perProcess: number
  readonly #perUser: number
  readonly #users = new Map<string, number>()
  #open = 0

  constructor({ perProcess = 10_000, perUser = 100 }: ConnectionLimitsOptions = {}) {
    this.#perProcess = perProcess
    this.#perUser = perUser
  }

  get open(): number {
    return this.#open
  }

  /** How many users have a connection. */
  get users(): number {
    return this.#users.size
  }

  /**
   * Refuses when the process is full. Asked before anything is known of the client, because that is cheap.
   *
   * @throws HttpError 503
   */
  requireRoom(): void {
    if (this.#open >= this.#perProcess) throw new HttpError(503, 'Too many WebSockets are open here')
  }

  /**
   * Takes a place for a connection of a user; what is returned gives it back, once.
   *
   * @throws HttpError 503 when the process is full, and 429 when the user has enough
   */
  admit({ tenant, id }: UserKey): () => void {
    this.requireRoom()
    const user = JSON.stringify([tenant, id])
    const count = this.#users.get(user) ?? 0
    if (count >= this.#perUser) throw new TooManyRequestsError(`A user has at most ${this.#perUser} WebSockets open`)
    this.#users.set(user, count + 1)
    this.#open += 1
    let given = false
    return () => {
      if (given) return
      given = true
      this.#open -= 1
      const left = this.#users.get(user)! - 1
      if (left === 0) this.#users.delete(user)
      else this.#users.set(user, left)
    }
  }
}
