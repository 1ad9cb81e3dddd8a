import { randomUUID } from 'node:crypto'

import { Admin, compatibilityPartitioner, ProduceAcks, Producer, stringSerializers } from '@platformatic/kafka'

import { deadLetterTopic, type BusMessage, type ConsumeOptions, type EventBus, type Handler } from './event-bus.ts'
import { KafkaSubscription } from './kafka-subscription.ts'
import { inBatches, messageText } from './message-text.ts'
import { defaultRetry } from './retry.ts'

export interface KafkaEventBusOptions {
  /** `host:port` of each broker. */
  brokers: readonly string[]
  /** Stands before the name of every topic and group, so that several platforms can share brokers. Default none. */
  topicPrefix?: string
  /** Of topics that this bus makes. Default 6. */
  partitions?: number
  /** Told of what went wrong and is tried again. Default: nobody. */
  onProblem?: (problem: string, error: unknown) => void
}

/** An event bus on Kafka: what was published outlives every process, and consumers of a group share the partitions. */
export class KafkaEventBus implements EventBus {
  readonly durable = true
  readonly #options: Required<KafkaEventBusOptions>
  readonly #client: { clientId: string; bootstrapBrokers: string[] }
  readonly #admin: Admin
  readonly #producer: Producer<string, string, string, string>
  readonly #known = new Map<string, Promise<void>>()
  readonly #subscriptions = new Set<KafkaSubscription>()

  constructor(options: KafkaEventBusOptions) {
    this.#options = { topicPrefix: '', partitions: 6, onProblem: () => {}, ...options }
    this.#client = { clientId: `platform-${randomUUID()}`, bootstrapBrokers: [...options.brokers] }
    this.#admin = new Admin({ ...this.#client, retries: 1 })
    this.#producer = new Producer({
      ...this.#client,
      acks: ProduceAcks.ALL,
      // The partitioner of Kafka's own clients, so that others who write the same key meet the same partition.
      partitioner: (_message, key) => compatibilityPartitioner(_message as never, key),
      serializers: stringSerializers,
    })
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    if (messages.length === 0) return
    const texts = messages.map(({ key, value }) => ({ key, value: messageText(value) }))
    const name = await this.#ensure(topic)
    // The client makes one batch per partition of what it is given, and brokers refuse large ones.
    for (const batch of inBatches(texts)) {
      await this.#producer.send({ messages: batch.map((message) => ({ topic: name, ...message })) })
    }
  }

  async consume(
    topic: string,
    group: string,
    handler: Handler,
    options: ConsumeOptions = {},
  ): Promise<AsyncDisposable> {
    const { topicPrefix, onProblem } = this.#options
    const subscription = new KafkaSubscription({
      client: this.#client,
      topic,
      topicName: await this.#ensure(topic),
      group,
      groupName: topicPrefix + group,
      handler,
      from: options.from ?? 'earliest',
      concurrency: options.concurrency ?? 32,
      retry: { ...defaultRetry, ...options.retry },
      bury: (letter, key) => this.publish(deadLetterTopic(topic), [{ key, value: letter }]),
      onProblem,
    })
    this.#subscriptions.add(subscription)
    await subscription.joined
    return {
      [Symbol.asyncDispose]: async () => {
        await subscription[Symbol.asyncDispose]()
        this.#subscriptions.delete(subscription)
      },
    }
  }

  async ping(): Promise<void> {
    await this.#admin.metadata({ topics: [], forceUpdate: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription[Symbol.asyncDispose]()))
    await this.#producer.close()
    await this.#admin.close()
  }

  /** The full name of a topic, which exists from then on. */
  async #ensure(topic: string): Promise<string> {
    const name = this.#options.topicPrefix + topic
    let known = this.#known.get(name)
    if (!known) {
      known = this.#create(name)
      this.#known.set(name, known)
      known.catch(() => this.#known.delete(name))
    }
    await known
    return name
  }

  async #create(name: string): Promise<void> {
    try {
      await this.#admin.createTopics({ topics: [name], partitions: this.#options.partitions, replicas: -1 })
    } catch (error) {
      if (!/TOPIC_ALREADY_EXISTS|already exists/i.test(everyMessage(error))) throw error
    }
  }
}

function everyMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors : []
  const id = 'apiId' in error ? String(error.apiId) : ''
  return [
    id,
    error.message,
    ...inner.map(everyMessage),
    error.cause === undefined ? '' : everyMessage(error.cause),
  ].join(' ')
}
