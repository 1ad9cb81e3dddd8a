import type { Value } from '@keploy-framework/format'

import { Deliveries } from './deliveries.ts'
import type { MethodTree } from './method-codec.ts'

/** A request whose answer has not come. */
export interface Pending {
  readonly id: number
  readonly request: MethodTree
  readonly replies: readonly string[]
  readonly startedAt: number
  /** What was said of a message that no queue took. */
  returned?: Value
}

/** What a reader knows of one channel. */
export class ChannelLog {
  /** Requests in the order in which they are answered. */
  readonly waiting: Pending[] = []
  /** Messages that the server has to confirm, by their number. */
  readonly unconfirmed = new Map<bigint, Pending>()
  readonly deliveries = new Deliveries()
  /** Consumers whose messages are not acknowledged. */
  readonly silent = new Set<Value>()
  confirming = false
  #published = 0n

  /** Keeps a request until it is answered. Messages are numbered from the first one that is to be confirmed. */
  wait(pending: Pending): void {
    if (pending.request.method === 'basic.publish') this.unconfirmed.set(++this.#published, pending)
    else this.waiting.push(pending)
  }

  /** Takes the oldest request that a method answers. */
  takeAnswered(method: string): Pending | undefined {
    const index = this.waiting.findIndex(({ replies }) => replies.includes(method))
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0]
  }

  /** Takes the messages that a server has confirmed or refused. */
  takeConfirmed(deliveryTag: Value | undefined, multiple: boolean): Pending[] {
    const tag = typeof deliveryTag === 'string' ? BigInt(deliveryTag) : 0n
    const taken: Pending[] = []
    const take = (number: bigint): void => {
      const pending = this.unconfirmed.get(number)
      if (pending !== undefined) taken.push(pending)
      this.unconfirmed.delete(number)
    }
    if (!multiple) take(tag)
    else {
      // In the order of their numbers.
      for (const number of this.unconfirmed.keys()) {
        if (tag !== 0n && number > tag) break
        take(number)
      }
    }
    return taken
  }

  /** Takes everything. */
  takeAll(): Pending[] {
    const all = [...this.waiting, ...this.unconfirmed.values()].sort((one, other) => one.id - other.id)
    this.waiting.length = 0
    this.unconfirmed.clear()
    return all
  }
}
