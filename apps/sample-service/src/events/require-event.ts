import { PoisonError } from '../bus/errors.ts'
import type { EventSchema } from './event-schema.ts'
import { describeProblems, validateEvent } from './validate-event.ts'

/**
 * The event that a message holds.
 *
 * @throws PoisonError with the path of each problem when it is none: no retry helps
 */
export function requireEvent<Event>(value: unknown, schema: EventSchema<Event>): Event {
  const validated = validateEvent(value, schema)
  if ('problems' in validated) throw new PoisonError(describeProblems(schema, validated.problems))
  return validated.event
}
