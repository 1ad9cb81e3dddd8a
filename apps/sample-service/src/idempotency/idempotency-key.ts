import { z } from 'zod'

import type { UserKey } from '../auth/user.ts'
import { derivedId } from '../events/derived-id.ts'
import { RequestValidationError } from '../http/validation.ts'

/**
 * `Idempotency-Key`, which a client makes up for one request and sends again with each repetition of it. What the request
 * creates has an id that follows from the user and the key, so that the database itself keeps it from being there twice:
 * also for requests at once, on several machines, and after one that was not answered. A key therefore holds as long as
 * what it created.
 */
export const idempotencyHeaderSchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'Not a key: 1 to 100 visible characters of ASCII')
    .optional()
    .describe(
      'A repetition with the same key and body gets the same answer and stores nothing. Another body is a 422.',
    ),
})

/** The id of what a user creates with a key. */
export function idOfKey(kind: string, { tenant, id }: UserKey, key: string): string {
  return derivedId(`idempotent ${kind}`, JSON.stringify([tenant, id, key]))
}

/** The refusal of a key that created something else than what is asked for now. */
export function keyWasUsed(key: string): RequestValidationError {
  const problem = {
    loc: ['header', 'idempotency-key'],
    msg: 'The key was used for another request',
    type: 'idempotency_key_reused',
    input: key,
  }
  return new RequestValidationError([problem])
}
