import { expect, test } from 'vitest'

import { readSettings } from '../config/settings.ts'
import { createAuth } from './auth.ts'
import { developer, DevelopmentTokens, signToken } from './development-tokens.ts'

const settingsOf = (env: NodeJS.ProcessEnv) => {
  const read = readSettings(env)
  if ('problems' in read) throw new Error(read.problems.join())
  return read.settings
}

test('without settings a key of this start signs, and no other one', async () => {
  const { verifier, development } = createAuth(settingsOf({}))
  await expect(verifier.verify(await development!.issue(developer, 60))).resolves.toMatchObject({ user: developer })
  await expect(verifier.verify(await new DevelopmentTokens().issue(developer, 60))).rejects.toThrow('not valid')
})

test('without settings other machines are not served', () => {
  expect(() => createAuth(settingsOf({ HOST: '0.0.0.0' }))).toThrow('set AUTH_SECRET or AUTH_JWKS_URL')
})

test('a secret is used as it stands in the environment, and nobody gets a token from the service', async () => {
  const secret = 'an environment holds this secret'
  const { verifier, development } = createAuth(settingsOf({ HOST: '0.0.0.0', AUTH_SECRET: secret }))
  expect(development).toBeUndefined()
  const token = await signToken(developer, new TextEncoder().encode(secret), 60)
  await expect(verifier.verify(token)).resolves.toMatchObject({ user: developer })
})

test.each([
  [{ AUTH_SECRET: 'short' }, 'AUTH_SECRET is shorter than 32 bytes'],
  [{ AUTH_JWKS_URL: 'nonsense' }, 'AUTH_JWKS_URL is not a URL like https://host'],
  [{ AUTH_SECRET: 'x'.repeat(32), AUTH_JWKS_URL: 'https://id.example/jwks' }, 'exclude each other'],
])('%j is refused', (env, problem) => {
  expect(() => settingsOf(env)).toThrow(problem)
})
