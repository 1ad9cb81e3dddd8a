import { expect, test } from 'vitest'

import { CheckedTokens } from './checked-tokens.ts'
import { developer, signToken } from './development-tokens.ts'
import { TokenVerifier } from './token-verifier.ts'

const secret = new TextEncoder().encode('a secret of this test, long enough')

test('a token that was taken is refused when it has expired', async () => {
  const token = await signToken(developer, secret, 40)
  let now = Date.now()
  const verifier = new TokenVerifier({ key: { secret }, now: () => now })
  const first = await verifier.verify(token)
  now += 20_000
  expect(await verifier.verify(token)).toBe(first)
  now = first.expiresAt
  await expect(verifier.verify(token)).rejects.toMatchObject({ statusCode: 401, message: 'The token has expired' })
})

test('a token is checked again after a minute', async () => {
  const token = await signToken(developer, secret, 3_600)
  let now = Date.now()
  const verifier = new TokenVerifier({ key: { secret }, now: () => now })
  const first = await verifier.verify(token)
  now += 60_000
  const second = await verifier.verify(token)
  expect(second).not.toBe(first)
  expect(second).toEqual(first)
})

test('ten thousand tokens are remembered, and the oldest are forgotten first', () => {
  const tokens = new CheckedTokens()
  const identity = { user: developer, expiresAt: 1_000_000 }
  for (let number = 0; number <= 10_000; number += 1) tokens.remember(`t${number}`, identity, 0)
  expect(tokens.find('t0', 1)).toBeUndefined()
  expect(tokens.find('t1', 1)).toBe(identity)
  expect(tokens.find('t10000', 1)).toBe(identity)
})
