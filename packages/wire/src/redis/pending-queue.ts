import type { Value } from '@keploy-framework/format'

import type { RedisRequest } from './command.ts'

/** A command that waits for its reply. */
export interface Pending {
  /** Absent: it was expected to be queued in a transaction. */
  readonly id: number | undefined
  readonly operation: string
  readonly request: RedisRequest
  readonly startedAt: number
  readonly silent: boolean
  readonly size: number
  readonly replies: Value[]
}

/** What was queued since `MULTI`. */
export interface Transaction {
  readonly id: number
  readonly startedAt: number
  readonly commands: RedisRequest[]
}

/** Commands in the order in which their replies come. Taking the first one costs the same however many wait. */
export class PendingQueue {
  readonly #items: Pending[] = []
  #at = 0
  /** Bytes of the commands that wait. */
  bytes = 0

  get head(): Pending | undefined {
    return this.#items[this.#at]
  }

  push(item: Pending): void {
    this.#items.push(item)
    this.bytes += item.size
  }

  shift(): void {
    this.bytes -= this.head?.size ?? 0
    this.#at++
    if (this.#at < 1024 && this.#at < this.#items.length) return
    this.#items.splice(0, this.#at)
    this.#at = 0
  }

  /** Takes all that wait. */
  takeAll(): Pending[] {
    const items = this.#items.splice(0).slice(this.#at)
    this.#at = 0
    this.bytes = 0
    return items
  }
}
