/** The JSON Schema of one kind of event. `Event` is the type of what passes it. */
export interface EventSchema<Event> {
  /** As it is called in errors: `conversation_event`. */
  readonly name: string
  readonly schema: object
  /** Never set; it carries the type. */
  readonly event?: Event
}

/** Ids travel in URLs, keys of Redis and keys of records. */
export const idSchema = { type: 'string', minLength: 1, maxLength: 100, pattern: '^[\\w.:-]+$' } as const
