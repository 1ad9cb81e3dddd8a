import { randomBytes } from 'node:crypto'

import { SignJWT } from 'jose'

import { claimsOfUser } from './claims.ts'
import type { User } from './user.ts'

/** Who a development token is for when nobody is named. */
export const developer: User = {
  id: 'developer',
  tenant: 'development',
  role: 'practitioner',
  email: null,
  subscription: null,
}

/** Issues tokens for whoever asks, signed by a key that ends with this process. For a machine of one's own only. */
export class DevelopmentTokens {
  readonly secret: Uint8Array = randomBytes(32)

  issue(user: User, ttlSeconds: number): Promise<string> {
    return signToken(user, this.secret, ttlSeconds)
  }
}

/**
 * Signs a token as a service with the shared secret does.
 *
 * @example
 * const token = await signToken(developer, new TextEncoder().encode(process.env.AUTH_SECRET), 3600)
 */
export function signToken(user: User, secret: Uint8Array, ttlSeconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT(claimsOfUser(user))
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(secret)
}
