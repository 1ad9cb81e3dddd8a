interface Waiting<Item, Result> {
  item: Item
  done: (result: Result) => void
  failed: (error: unknown) => void
}

export interface BatcherOptions {
  /** How many items one batch takes at most. Default 500. */
  limit?: number
  /**
   * Whether a failure speaks of no item, so that every item of the batch has failed. After any other failure each item
   * is tried alone, because one of them may have spoilt the batch. Default: never.
   */
  failsAll?: (error: unknown) => boolean
}

/**
 * Does many things at once that each caller asks for one by one: while a batch is being worked on, what comes is gathered
 * for the next. One item alone does not wait; a thousand share a handful of statements or commits.
 *
 * @example
 * const names = new Batcher<number, string>(async (ids) => ids.map((id) => `user ${id}`))
 * await Promise.all([names.add(1), names.add(2)]) // ['user 1', 'user 2'], of one batch
 */
export class Batcher<Item, Result> implements AsyncDisposable {
  readonly #work: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly #limit: number
  readonly #failsAll: (error: unknown) => boolean
  #waiting: Waiting<Item, Result>[] = []
  #running: Promise<void> | undefined

  /** `work` resolves with the results in the order of the items. */
  constructor(work: (items: readonly Item[]) => Promise<readonly Result[]>, options: BatcherOptions = {}) {
    const { limit = 500, failsAll = () => false } = options
    this.#work = work
    this.#limit = limit
    this.#failsAll = failsAll
  }

  add(item: Item): Promise<Result> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed })
      this.#running ??= this.#runAll()
    })
  }

  /** Waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running
  }

  async #runAll(): Promise<void> {
    // What is asked for in the same turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) await this.#run(this.#waiting.splice(0, this.#limit))
    // In the same turn as the last look at what waits, so that nothing is left behind.
    this.#running = undefined
  }

  async #run(taken: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#work(taken.map(({ item }) => item))
      for (const [index, { done }] of taken.entries()) done(results[index]!)
    } catch (error) {
      if (taken.length === 1 || this.#failsAll(error)) {
        for (const { failed } of taken) failed(error)
        return
      }
      for (const waiting of taken) await this.#run([waiting])
    }
  }
}
