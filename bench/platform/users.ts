import { randomBytes } from 'node:crypto'

import { signToken } from '../../apps/sample-service/src/auth/development-tokens.ts'

export const SECRET = randomBytes(32).toString('base64url')

/** Tokens of as many users as a real load has. */
export function tokensOf(count: number): Promise<string[]> {
  const secret = Buffer.from(SECRET)
  return Promise.all(
    Array.from({ length: count }, (_, user) => {
      const who = {
        id: `user-${user}`,
        tenant: `tenant-${user % 10}`,
        role: 'client',
        email: null,
        subscription: null,
      } as const
      return signToken(who, secret, 3_600)
    }),
  )
}
