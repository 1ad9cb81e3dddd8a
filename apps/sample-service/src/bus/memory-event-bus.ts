import type { DeadLetter } from './dead-letter.ts'
import { deliver } from './deliver.ts'
import { deadLetterTopic, type BusMessage, type ConsumeOptions, type EventBus, type Handler } from './event-bus.ts'
import { KeyLanes } from './key-lanes.ts'
import { messageText } from './message-text.ts'
import { defaultRetry } from './retry.ts'

/** How many messages a topic keeps for groups that come later. */
const RETAINED = 10_000

interface StoredMessage {
  key: string
  /** JSON, so that every consumer has a value of its own, and what JSON cannot say is lost here as it is in Kafka. */
  text: string
}

/** A group reads on where its last consumer stopped. */
interface Group {
  next: number
  consumed: boolean
  wake: () => void
}

class Topic {
  readonly groups = new Map<string, Group>()
  messages: StoredMessage[] = []
  /** The number of the first message that is kept. */
  first = 0

  append(messages: StoredMessage[]): void {
    this.messages.push(...messages)
    for (const group of this.groups.values()) group.wake()
    this.#forget()
  }

  get end(): number {
    return this.first + this.messages.length
  }

  /** Messages that every group has read are kept up to `RETAINED`; those that one still needs are never dropped. */
  #forget(): void {
    const needed = Math.min(this.end - RETAINED, ...[...this.groups.values()].map(({ next }) => next))
    // In large steps, because each one moves all messages.
    if (needed - this.first < RETAINED) return
    this.messages = this.messages.slice(needed - this.first)
    this.first = needed
  }
}

/** An event bus within this process: the same promises as Kafka's, as long as the process lives. */
export class MemoryEventBus implements EventBus {
  readonly durable = false
  readonly #topics = new Map<string, Topic>()
  readonly #consumers = new Set<AsyncDisposable>()
  #closed = false

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    if (this.#closed) throw new Error('The event bus is closed.')
    this.#topic(topic).append(messages.map(({ key, value }) => ({ key, text: messageText(value) })))
  }

  async consume(name: string, group: string, handler: Handler, options: ConsumeOptions = {}): Promise<AsyncDisposable> {
    const topic = this.#topic(name)
    const retry = { ...defaultRetry, ...options.retry }
    const reader: Group = topic.groups.get(group) ?? {
      next: options.from === 'latest' ? topic.end : topic.first,
      consumed: false,
      wake() {},
    }
    // Within one process a second one would bring nothing, and the order of a key would be lost between the two.
    if (reader.consumed) throw new Error(`The group ${group} has a consumer of ${name} already.`)
    reader.consumed = true
    topic.groups.set(group, reader)
    const closing = new AbortController()
    const lanes = new KeyLanes(options.concurrency ?? 32)
    const bury = (letter: DeadLetter, key: string) => this.publish(deadLetterTopic(name), [{ key, value: letter }])
    let unfinished = Number.POSITIVE_INFINITY

    const loop = async (): Promise<void> => {
      while (!closing.signal.aborted) {
        const number = Math.max(reader.next, topic.first)
        const message = topic.messages[number - topic.first]
        if (!message) {
          await new Promise<void>((resolve) => (reader.wake = resolve))
          continue
        }
        reader.next = number + 1
        await lanes.run(message.key, async () => {
          const delivery = { topic: name, key: message.key, value: JSON.parse(message.text) as unknown }
          const done = await deliver(delivery, handler, {
            group,
            retry,
            closing: closing.signal,
            bury: (letter) => bury(letter, message.key),
          })
          if (!done) unfinished = Math.min(unfinished, number)
        })
      }
    }
    const running = loop()

    const consumer: AsyncDisposable = {
      [Symbol.asyncDispose]: async () => {
        closing.abort()
        reader.wake()
        await running
        await lanes.drain()
        // The next consumer of the group begins with what this one did not finish.
        reader.next = Math.min(reader.next, unfinished)
        reader.consumed = false
        this.#consumers.delete(consumer)
      },
    }
    this.#consumers.add(consumer)
    return consumer
  }

  async ping(): Promise<void> {
    if (this.#closed) throw new Error('The event bus is closed.')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer[Symbol.asyncDispose]()))
    this.#closed = true
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name)
    if (!topic) this.#topics.set(name, (topic = new Topic()))
    return topic
  }
}
