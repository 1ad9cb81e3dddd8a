import { keyText } from './canonical.ts'
import type { RecordedCall } from './recorded-call.ts'

/** Calls that ask the same, in recorded order. */
export class CallQueue {
  readonly calls: RecordedCall[] = []
  /** Every call before this one is used. */
  #first = 0
  #turn = 0

  firstUnused(used: ReadonlySet<RecordedCall>): RecordedCall | undefined {
    while (this.#first < this.calls.length && used.has(this.calls[this.#first]!)) this.#first++
    return this.calls[this.#first]
  }

  /** One after the other, and from the start again. */
  inTurn(): RecordedCall | undefined {
    return this.calls[this.#turn++ % this.calls.length]
  }

  /** Some calls are unused again. */
  rewind(): void {
    this.#first = 0
  }
}

/** Calls of one protocol and operation that one test caused, in recorded order. */
export class CallShelf {
  readonly calls: RecordedCall[] = []
  /** By dependency (nothing: whichever), and by the text of keys; each made when it is first asked for. */
  readonly #queues = new Map<string | undefined, Map<string, CallQueue>>()
  #first = 0

  queue(dependency: string | undefined, key: string): CallQueue | undefined {
    let queues = this.#queues.get(dependency)
    if (queues === undefined) {
      queues = new Map()
      for (const call of this.calls) {
        if (dependency !== undefined && call.dependency !== dependency) continue
        const text = keyText(call.key())
        const queue = queues.get(text) ?? new CallQueue()
        queue.calls.push(call)
        queues.set(text, queue)
      }
      this.#queues.set(dependency, queues)
    }
    return queues.get(key)
  }

  *unused(used: ReadonlySet<RecordedCall>): Generator<RecordedCall> {
    while (this.#first < this.calls.length && used.has(this.calls[this.#first]!)) this.#first++
    for (let at = this.#first; at < this.calls.length; at++) {
      const call = this.calls[at]!
      if (!used.has(call)) yield call
    }
  }

  /** Some calls are unused again. */
  rewind(): void {
    this.#first = 0
    for (const queues of this.#queues.values()) for (const queue of queues.values()) queue.rewind()
  }
}
