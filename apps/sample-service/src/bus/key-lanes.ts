/**
 * Runs tasks of different keys at once, and those of one key in the order in which they came. Holds at most `limit`
 * tasks, running and waiting: `run` resolves when there is room for the task, which is what slows down who reads.
 */
export class KeyLanes {
  readonly #limit: number
  readonly #lanes = new Map<string, Promise<void>>()
  #held = 0
  #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** `task` must not reject. */
  async run(key: string, task: () => Promise<void>): Promise<void> {
    while (this.#held >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#held += 1
    const lane = runAfter(this.#lanes.get(key), task)
    this.#lanes.set(key, lane)
    void this.#leave(key, lane)
  }

  /** Resolves when no task is left. */
  async drain(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes.values())
  }

  async #leave(key: string, lane: Promise<void>): Promise<void> {
    await lane
    this.#held -= 1
    if (this.#lanes.get(key) === lane) this.#lanes.delete(key)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

async function runAfter(before: Promise<void> | undefined, task: () => Promise<void>): Promise<void> {
  await before
  await task()
}
