/** Someone who holds chunks back until the end of the turn. */
export interface Releasable {
  release(): void
}

/** Releases once per turn of the event loop all that waits, after `before` was called. */
export class ReleaseQueue {
  readonly #before: (() => void) | undefined
  readonly #onFailure: (error: unknown) => void
  #waiting: Releasable[] = []

  constructor(before: (() => void) | undefined, onFailure: (error: unknown) => void) {
    this.#before = before
    this.#onFailure = onFailure
  }

  /** Call at most once per turn for each one. */
  add(one: Releasable): void {
    this.#waiting.push(one)
    if (this.#waiting.length === 1) setImmediate(this.#run)
  }

  readonly #run = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    if (this.#before !== undefined) {
      try {
        this.#before()
      } catch (error) {
        this.#onFailure(error)
      }
    }
    for (const one of waiting) one.release()
  }
}
