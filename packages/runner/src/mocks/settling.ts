import type { RecordedCall } from '@keploy-framework/match'

/** How long the next call is waited for, in milliseconds: longer than a busy service pauses between two steps. */
const PATIENCE_MS = 2_000
/** After so many waits in vain nothing more is waited for: the service does not do what it did. */
const MOST_IN_VAIN = 3

/** Lets a replay wait for what the service does by itself between tests, as the clients of the recording did. */
export class Settling {
  readonly #pending: (before: number) => readonly RecordedCall[]
  readonly #patienceMs: number
  readonly #missed = new Set<RecordedCall>()
  #inVain = 0
  #wake: () => void = () => {}

  /** `pending`: what was asked before a moment of the recording and was not asked yet. */
  constructor(pending: (before: number) => readonly RecordedCall[], patienceMs = PATIENCE_MS) {
    this.#pending = pending
    this.#patienceMs = patienceMs
  }

  /** What was waited for in vain. */
  get missed(): readonly RecordedCall[] {
    return [...this.#missed]
  }

  /** A call was answered. */
  answered(): void {
    this.#wake()
  }

  /** Resolves when all that was asked before this moment was asked, or none of it comes any more. */
  async until(before: number): Promise<void> {
    let left = Infinity
    let deadline = 0
    while (this.#inVain < MOST_IN_VAIN) {
      const open = this.#pending(before).filter((call) => !this.#missed.has(call))
      if (open.length === 0) return
      if (open.length < left) deadline = performance.now() + this.#patienceMs
      left = open.length
      if (performance.now() >= deadline) {
        this.#inVain += 1
        for (const call of open) this.#missed.add(call)
        return
      }
      await this.#next(deadline - performance.now())
    }
  }

  /** Resolves when a call was answered, or after so long. */
  #next(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
