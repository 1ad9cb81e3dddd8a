/** Somebody who waits at a turnstile. */
export interface Waiting {
  /** It is its turn. */
  enter(): void
}

/** Lets one in at a time, in the order in which they came. */
export class Turnstile<T extends Waiting> {
  #inside: T | undefined
  readonly #waiting: T[] = []

  /** Whether it may go on now; else `enter` is called when it may. */
  tryEnter(who: T): boolean {
    if (this.#inside === who) return true
    if (this.#inside === undefined) {
      this.#inside = who
      return true
    }
    if (!this.#waiting.includes(who)) this.#waiting.push(who)
    return false
  }

  leave(who: T): void {
    const at = this.#waiting.indexOf(who)
    if (at !== -1) this.#waiting.splice(at, 1)
    if (this.#inside !== who) return
    this.#inside = this.#waiting.shift()
    this.#inside?.enter()
  }
}
