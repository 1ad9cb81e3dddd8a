import type { EventSchema } from '../events/event-schema.ts'
import type { BusMessage } from './event-bus.ts'
import { excerpt, MAX_MESSAGE_BYTES } from './message-text.ts'

/** The value of a message on a dead-letter topic. */
export interface DeadLetter {
  reason: string
  topic: string
  /** Whose consumer could not take it; `outbox` when it could not be published. */
  group: string
  attempts: number
  /** The value of the message; its text when it was not JSON, and the beginning of its text when it is long. */
  value: unknown
}

export const deadLetter: EventSchema<DeadLetter> = {
  name: 'dead_letter',
  schema: {
    type: 'object',
    required: ['reason', 'topic', 'group', 'attempts', 'value'],
    properties: {
      reason: { type: 'string' },
      topic: { type: 'string' },
      group: { type: 'string' },
      attempts: { type: 'integer' },
      value: {},
    },
  },
}

/** What fits beside the reason. */
const KEPT_BYTES = MAX_MESSAGE_BYTES - 50_000

/** The letter about a message that nobody could take. It always fits. */
export function deadLetterOf(
  { topic, value }: Pick<BusMessage, 'value'> & { topic: string },
  error: unknown,
  { group, attempts }: Pick<DeadLetter, 'group' | 'attempts'>,
): DeadLetter {
  const reason = excerpt(error instanceof Error ? error.message : String(error))
  const text = JSON.stringify(value)
  return { reason, topic, group, attempts, value: Buffer.byteLength(text) <= KEPT_BYTES ? value : excerpt(text) }
}
