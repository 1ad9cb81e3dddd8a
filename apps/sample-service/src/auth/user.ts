import { z } from 'zod'

/** Postgres stores no NUL, and logs and keys of Redis want no control characters. */
const name = z
  .string()
  .max(100)
  .regex(/^[\x20-\x7e\u00a0-\uffff]+$/, 'Not a name: empty, or with control characters')

export const userRoles = ['practitioner', 'client', 'admin'] as const
export type UserRole = (typeof userRoles)[number]

/** Who speaks. Ids are unique within a tenant, so that two tenants can have a user of the same id. */
export const userSchema = z
  .object({
    id: name,
    tenant: name,
    role: z.enum(userRoles),
    // Without a name of the format, of which programs have different ideas.
    email: z.string().max(200).regex(z.regexes.email, 'Not an address').nullable(),
    subscription: name.nullable().describe('The plan that is paid for. Null without one.'),
  })
  .meta({ id: 'User' })

export type User = z.output<typeof userSchema>

/** What tells users apart: their id alone does not. */
export type UserKey = Pick<User, 'tenant' | 'id'>

export const sameUser = (one: UserKey, other: UserKey): boolean => one.tenant === other.tenant && one.id === other.id
