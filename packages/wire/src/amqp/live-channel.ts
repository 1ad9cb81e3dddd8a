import type { Value } from '@keploy-framework/format'

import { Deliveries } from './deliveries.ts'

/** What a mock server knows of one channel of a client. */
export class LiveChannel {
  readonly deliveries = new Deliveries()
  /** Names of consumers: the client's by the recorded one, and whether messages are acknowledged. */
  readonly consumers = new Map<Value, { readonly tag: Value; readonly noAck: boolean }>()
  confirming = false
  /** It was closed by the server, and the client has not agreed yet: what it still sends is dropped. */
  closing = false
  #published = 0
  #delivered = 0

  /** The number of the next message that is published. */
  publish(): string {
    return String(++this.#published)
  }

  /** The number of the next message that is delivered. */
  deliver(): string {
    return String(++this.#delivered)
  }

  /** The recorded name of a consumer. */
  recordedTag(live: Value | undefined): Value | undefined {
    return [...this.consumers].find(([, { tag }]) => tag === live)?.[0]
  }
}
