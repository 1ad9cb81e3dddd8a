import type { EventBus } from '../bus/event-bus.ts'
import { idSchema, type EventSchema } from '../events/event-schema.ts'
import { topics } from '../events/topics.ts'

/** A piece of an answer that is being written. After a crash of the worker the pieces begin again at index 0. */
export interface Delta {
  session_id: string
  /** The id that the whole answer will have. */
  event_id: string
  index: number
  text: string
}

export const deltaEvent: EventSchema<Delta> = {
  name: 'delta',
  schema: {
    type: 'object',
    required: ['session_id', 'event_id', 'index', 'text'],
    properties: {
      session_id: idSchema,
      event_id: idSchema,
      index: { type: 'integer', minimum: 0 },
      text: { type: 'string' },
    },
  },
}

/**
 * Publishes the pieces of one answer, in order. What comes while a piece is on its way is joined to the next one, and a
 * piece that cannot be published is left out: the whole answer follows.
 */
export class DeltaPublisher {
  readonly #bus: EventBus
  readonly #session_id: string
  readonly #event_id: string
  #text = ''
  #index = 0
  #sending: Promise<void> | undefined

  constructor(bus: EventBus, session_id: string, event_id: string) {
    this.#bus = bus
    this.#session_id = session_id
    this.#event_id = event_id
  }

  add(text: string): void {
    this.#text += text
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
  }

  /** Resolves when every piece is published or given up. */
  async end(): Promise<void> {
    await this.#sending
  }

  async #send(): Promise<void> {
    while (this.#text !== '') {
      const value: Delta = {
        session_id: this.#session_id,
        event_id: this.#event_id,
        index: this.#index++,
        text: this.#text,
      }
      this.#text = ''
      await this.#bus.publish(topics.deltas, [{ key: this.#session_id, value }]).catch(() => {})
    }
  }
}
