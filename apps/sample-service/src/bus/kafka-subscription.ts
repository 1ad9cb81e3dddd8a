import { once } from 'node:events'

import { Consumer, MessagesStreamFallbackModes, MessagesStreamModes, type Message } from '@platformatic/kafka'

import type { DeadLetter } from './dead-letter.ts'
import { deliver } from './deliver.ts'
import type { Handler } from './event-bus.ts'
import { KeyLanes } from './key-lanes.ts'
import { OffsetTracker } from './offset-tracker.ts'
import { parseMessage } from './parse-message.ts'
import { delayAfter, pause, type RetryPolicy } from './retry.ts'

export interface KafkaSubscriptionOptions {
  client: { clientId: string; bootstrapBrokers: string[] }
  topic: string
  topicName: string
  group: string
  groupName: string
  handler: Handler
  from: 'earliest' | 'latest'
  concurrency: number
  retry: RetryPolicy
  bury(letter: DeadLetter, key: string): Promise<void>
  onProblem(problem: string, error: unknown): void
}

/** Waits for a member of a group that left without a word; short, because killed workers are expected. */
const SESSION_TIMEOUT_MS = 10_000
const HEARTBEAT_MS = 2_000
/** How long finished messages wait for others before it is told the broker. After a crash these are delivered again. */
const COMMIT_AFTER_MS = 100

/** One consumer of one topic. It joins its group again, later and later, for as long as brokers are away. */
export class KafkaSubscription implements AsyncDisposable {
  /** Resolves when the group was joined for the first time; rejects when that failed. */
  readonly joined: Promise<void>
  readonly #options: KafkaSubscriptionOptions
  readonly #closing = new AbortController()
  readonly #lanes: KeyLanes
  readonly #trackers = new Map<number, OffsetTracker>()
  readonly #committed = new Map<number, bigint>()
  readonly #running: Promise<void>
  #consumer: Consumer | undefined
  #commitDue = false
  #committing: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #endReading: () => void = () => {}

  constructor(options: KafkaSubscriptionOptions) {
    this.#options = options
    this.#lanes = new KeyLanes(options.concurrency)
    const first = Promise.withResolvers<void>()
    this.joined = first.promise
    this.#running = this.#run(first)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort()
      this.#endReading()
      await this.#running
    })()
    return this.#closed
  }

  async #run(first: PromiseWithResolvers<void>): Promise<void> {
    let joinedOnce = false
    for (let attempt = 1; !this.#closing.signal.aborted; attempt++) {
      try {
        await this.#readOnce(() => {
          joinedOnce = true
          attempt = 1
          first.resolve()
        })
      } catch (error) {
        if (this.#closing.signal.aborted) break
        if (!joinedOnce) {
          first.reject(error)
          return
        }
        this.#options.onProblem(`reading ${this.#options.topicName} was interrupted`, error)
      }
      await pause(delayAfter(attempt, this.#options.retry), this.#closing.signal)
    }
    first.resolve()
  }

  /** One membership of the group, until it is closed or breaks. */
  async #readOnce(onJoined: () => void): Promise<void> {
    const { client, groupName, topicName, from } = this.#options
    const consumer = new Consumer({
      ...client,
      groupId: groupName,
      autocommit: false,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: SESSION_TIMEOUT_MS,
      maxWaitTime: 500,
    })
    // Unheard, errors of connections would end the process; what they break rejects on its own.
    consumer.on('error', () => {})
    try {
      const stream = await consumer.consume({
        topics: [topicName],
        mode: MessagesStreamModes.COMMITTED,
        fallbackMode: from === 'latest' ? MessagesStreamFallbackModes.LATEST : MessagesStreamFallbackModes.EARLIEST,
        autocommit: false,
      })
      this.#consumer = consumer
      this.#endReading = () => void stream.close().catch(() => {})
      // What is published before the stream has asked where the latest is would not be heard.
      if (from === 'latest' && stream.offsetsToFetch.size === 0) {
        await once(stream, 'offsets', { signal: this.#closing.signal })
      }
      if (this.#closing.signal.aborted) this.#endReading()
      onJoined()
      await this.#read(stream)
    } finally {
      this.#endReading = () => {}
      // Handlers that run are finished and their offsets committed while this is still a member of the group.
      await this.#lanes.drain()
      await this.#commit()
      this.#consumer = undefined
      await consumer.close(true).catch(() => {})
    }
  }

  async #read(stream: AsyncIterable<Message>): Promise<void> {
    const { topic, group, handler, retry } = this.#options
    for await (const message of stream) {
      // What was fetched but not begun is left to the next consumer of the group.
      if (this.#closing.signal.aborted) return
      const { partition, offset } = message
      const tracker = this.#trackerOf(partition)
      tracker.started(offset)
      const key = message.key?.toString() ?? ''
      await this.#lanes.run(key || `${partition}/${offset}`, async () => {
        const { value, problem } = parseMessage(message.value?.toString() ?? 'null')
        const handle: Handler = problem ? () => Promise.reject(problem) : handler
        const done = await deliver({ topic, key, value }, handle, {
          group,
          retry,
          closing: this.#closing.signal,
          bury: (letter) => this.#options.bury(letter, key),
        })
        if (!done) return
        tracker.finished(offset)
        void this.#commitSoon()
      })
    }
  }

  #trackerOf(partition: number): OffsetTracker {
    let tracker = this.#trackers.get(partition)
    if (!tracker) this.#trackers.set(partition, (tracker = new OffsetTracker()))
    return tracker
  }

  async #commitSoon(): Promise<void> {
    if (this.#commitDue) return
    this.#commitDue = true
    await pause(COMMIT_AFTER_MS, this.#closing.signal)
    this.#commitDue = false
    await this.#commit()
  }

  /** Commits how far each partition is done; calls while one commit is under way share the next one. */
  async #commit(): Promise<void> {
    while (this.#committing) await this.#committing
    const offsets = [...this.#trackers]
      .map(([partition, tracker]) => ({ topic: this.#options.topicName, partition, offset: tracker.position() }))
      .filter(({ partition, offset }) => this.#committed.get(partition) !== offset)
    if (offsets.length === 0 || !this.#consumer) return
    this.#committing = this.#send(this.#consumer, offsets).finally(() => (this.#committing = undefined))
    await this.#committing
  }

  async #send(consumer: Consumer, offsets: { topic: string; partition: number; offset: bigint }[]): Promise<void> {
    try {
      await consumer.commit({ offsets: offsets.map((offset) => ({ ...offset, leaderEpoch: -1 })) })
      for (const { partition, offset } of offsets) this.#committed.set(partition, offset)
    } catch (error) {
      // Uncommitted messages are delivered again, which changes nothing.
      this.#options.onProblem(`committing offsets of ${this.#options.topicName} failed`, error)
    }
  }
}
