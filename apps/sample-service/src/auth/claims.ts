import type { JWTPayload } from 'jose'
import { z } from 'zod'

import { userSchema, type User } from './user.ts'

const claimsSchema = z
  .object({
    sub: userSchema.shape.id,
    tenant: userSchema.shape.tenant,
    role: userSchema.shape.role,
    email: userSchema.shape.email.default(null),
    subscription: userSchema.shape.subscription.default(null),
  })
  .transform(({ sub, ...rest }): User => ({ id: sub, ...rest }))

/** The user that the claims of a token speak of, or the first claim that is missing or wrong. */
export function userOfClaims(claims: JWTPayload): { user: User } | { wrong: string } {
  const read = claimsSchema.safeParse(claims)
  return read.success ? { user: read.data } : { wrong: read.error.issues[0]!.path.join('.') }
}

/** The claims that stand for a user. */
export function claimsOfUser({ id, ...rest }: User): JWTPayload {
  return { sub: id, ...rest }
}
