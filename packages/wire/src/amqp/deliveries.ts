import type { Value } from '@keploy-framework/format'

import type { MethodTree } from './method-codec.ts'

/** Messages of a channel that are kept at most until they are acknowledged. */
const LIMIT = 100_000

interface Origin {
  readonly exchange: string
  readonly routingKey: string
}

/** Messages of one channel that wait to be acknowledged, by their number on it. */
export class Deliveries {
  readonly #origins = new Map<string, Origin>()

  add(deliveryTag: Value | undefined, { exchange, routingKey }: MethodTree): void {
    if (this.#origins.size >= LIMIT) return
    this.#origins.set(text(deliveryTag), { exchange: text(exchange), routingKey: text(routingKey) })
  }

  /**
   * An acknowledgement as calls have it: in place of the number, where the message came from. What is acknowledged is no
   * longer kept.
   */
  settle({ deliveryTag, ...tree }: MethodTree): MethodTree {
    const tag = text(deliveryTag)
    const origin = this.#origins.get(tag) ?? [...this.#origins.values()].at(-1)
    if (tree['multiple'] === true) {
      for (const older of this.#origins.keys())
        if (tag === '0' || BigInt(older) <= BigInt(tag)) this.#origins.delete(older)
    } else this.#origins.delete(tag)
    return { ...tree, ...origin }
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
