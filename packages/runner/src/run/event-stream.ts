import type { RunEvent } from '@keploy-framework/format'

/** Hands events from the run to one reader. A reader that falls behind makes the run wait, so that nothing piles up. */
export class EventStream implements AsyncIterable<RunEvent> {
  #queue: RunEvent[] = []
  #ended = false
  #error: unknown
  #wake: (() => void) | undefined
  #roomFor: (() => void)[] = []
  readonly #backlog: number
  readonly #onLeave: () => void

  /** `onLeave` is called when the reader stops before the end. */
  constructor(backlog: number, onLeave: () => void) {
    this.#backlog = backlog
    this.#onLeave = onLeave
  }

  push(event: RunEvent): void {
    this.#queue.push(event)
    this.#wake?.()
  }

  /** Resolves when the reader has caught up; `undefined` when there is nothing to wait for. */
  room(): Promise<void> | undefined {
    if (this.#ended || this.#queue.length < this.#backlog) return undefined
    return new Promise((resolve) => this.#roomFor.push(resolve))
  }

  end(error?: unknown): void {
    this.#ended = true
    this.#error = error
    this.#wake?.()
    this.#release()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<RunEvent> {
    let left = true
    try {
      for (;;) {
        const batch = this.#queue
        this.#queue = []
        this.#release()
        for (const event of batch) yield event
        if (this.#queue.length > 0) continue
        if (this.#ended) break
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
      left = false
      if (this.#error !== undefined) throw this.#error
    } finally {
      if (left) {
        this.#ended = true
        this.#release()
        this.#onLeave()
      }
    }
  }

  #release(): void {
    const waiting = this.#roomFor
    this.#roomFor = []
    for (const resolve of waiting) resolve()
  }
}
