import type { RetryPolicy } from './retry.ts'

/** What is published. Messages with the same key reach each group in the order of their publication. */
export interface BusMessage {
  key: string
  /** Anything that JSON can say. */
  value: unknown
}

export interface Delivery {
  topic: string
  key: string
  value: unknown
}

/**
 * Does the work of one message. It may be called again with the same message, so its effect must be one that happens
 * once (see `oncePerEvent`). A message counts as done when the promise resolves.
 */
export type Handler = (delivery: Delivery) => Promise<void>

export interface ConsumeOptions {
  /** Where a group that is new begins. Default `earliest`. */
  from?: 'earliest' | 'latest'
  /** How many messages are worked on at once, all of different keys. Default 32. */
  concurrency?: number
  retry?: Partial<RetryPolicy>
}

/**
 * Topics with groups of consumers: each message reaches one consumer of each group, at least once.
 *
 * A handler that fails is called again, later and later; after `retry.attempts` the message goes to
 * `<topic>.dead-letter` as `{ reason, topic, group, attempts, value }`. A `PoisonError` goes there at once, and an
 * `UnavailableError` never: the message waits until what is missing is back.
 *
 * Every implementation passes `test/contracts/event-bus.ts`.
 */
export interface EventBus extends AsyncDisposable {
  /** Whether published messages outlive this process. */
  readonly durable: boolean
  /**
   * Resolves when all messages are stored by the bus. After a rejection some of them may be.
   *
   * @throws OversizeError when one is larger than a broker takes; then none is stored
   */
  publish(topic: string, messages: readonly BusMessage[]): Promise<void>
  /** Resolves when messages that are published from now on will arrive. Disposing waits for handlers that run. */
  consume(topic: string, group: string, handler: Handler, options?: ConsumeOptions): Promise<AsyncDisposable>
  /** Rejects when the bus does not answer. */
  ping(): Promise<void>
}

/** Where messages go that no handler could take. */
export const deadLetterTopic = (topic: string): string => `${topic}.dead-letter`
