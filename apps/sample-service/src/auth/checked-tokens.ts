import type { Identity } from './token-verifier.ts'

/** How many tokens are remembered; the oldest are forgotten first. */
const CAPACITY = 10_000
/** Far shorter than the ten minutes for which the keys of an identity provider are used without asking again. */
const REMEMBERED_MS = 60_000

/**
 * Tokens whose signature was checked, for a minute and never beyond their end: a client sends the same one with each
 * request, and checking it takes longer than all else that is done before a message is stored.
 */
export class CheckedTokens {
  readonly #known = new Map<string, { identity: Identity; until: number }>()

  /** Whose token this is, if it was checked lately. Times are in milliseconds since 1970. */
  find(token: string, now: number): Identity | undefined {
    const known = this.#known.get(token)
    return known && now < known.until ? known.identity : undefined
  }

  remember(token: string, identity: Identity, now: number): void {
    this.#known.delete(token)
    this.#known.set(token, { identity, until: Math.min(identity.expiresAt, now + REMEMBERED_MS) })
    if (this.#known.size <= CAPACITY) return
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest)
      break
    }
  }
}
