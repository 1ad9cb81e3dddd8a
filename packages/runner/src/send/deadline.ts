/** What can run out of time. */
export interface Timed {
  timeOut(): void
}

/** The time limit of one request at a time. Its timer is set anew for each, as making one costs several times as much. */
export class Deadline implements Disposable {
  #timer: NodeJS.Timeout | undefined
  #ms = 0
  #timed: Timed | undefined

  /** Starts the limit of a request, in milliseconds, in place of the one before. */
  start(timed: Timed, ms: number): void {
    this.#timed = timed
    if (this.#timer !== undefined && this.#ms === ms) {
      this.#timer.refresh()
      return
    }
    clearTimeout(this.#timer)
    this.#ms = ms
    this.#timer = setTimeout(expire, ms, this)
  }

  /** The request is done in time. */
  stop(timed: Timed): void {
    if (this.#timed === timed) this.#timed = undefined
  }

  expire(): void {
    const timed = this.#timed
    this.#timed = undefined
    this.#timer = undefined
    timed?.timeOut()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timed = undefined
  }
}

function expire(deadline: Deadline): void {
  deadline.expire()
}
