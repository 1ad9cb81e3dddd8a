import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

import type { EventSchema } from './event-schema.ts'

/** One thing that is wrong with an event. `path` is a JSON pointer; that of the event itself is empty. */
export interface EventProblem {
  path: string
  message: string
}

export type ValidatedEvent<Event> = { event: Event } | { problems: EventProblem[] }

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true })
const compiled = new WeakMap<object, ValidateFunction>()

/**
 * Checks an event against the schema of its kind. The event is returned as it came, nothing is added or removed.
 *
 * @example
 * validateEvent({ event_id: 'e1', tool_name: 'echo', args: [] }, toolRequest)
 * // { problems: [{ path: '/args', message: 'must be object' }] }
 */
export function validateEvent<Event>(event: unknown, schema: EventSchema<Event>): ValidatedEvent<Event> {
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema.schema)
    compiled.set(schema, validate)
  }
  if (validate(event)) return { event: event as Event }
  return { problems: (validate.errors ?? []).map(describe) }
}

/** Problems as one line for logs and dead letters. */
export function describeProblems(schema: EventSchema<unknown>, problems: readonly EventProblem[]): string {
  return `not a ${schema.name}: ${problems.map(({ path, message }) => `${path || 'the event'} ${message}`).join('; ')}`
}

function describe({ instancePath, keyword, message, params }: ErrorObject): EventProblem {
  // Ajv reports a missing field at the object that lacks it; the path of the field is what helps.
  if (keyword === 'required') {
    const field = String(params['missingProperty']).replaceAll('~', '~0').replaceAll('/', '~1')
    return { path: `${instancePath}/${field}`, message: 'is missing' }
  }
  if (keyword === 'enum') {
    return { path: instancePath, message: `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}` }
  }
  return { path: instancePath, message: message ?? `fails ${keyword}` }
}
