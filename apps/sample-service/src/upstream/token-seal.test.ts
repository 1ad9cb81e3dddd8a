import { expect, test } from 'vitest'

import { TokenSeal } from './token-seal.ts'
import { path } from './upstream.ts'

const owner = { tenant: 't1', id: 'u1' }
const secret = 'a secret of at least 32 characters'

test('what was sealed is opened by the same secret for the same user, and looks different each time', () => {
  const [one, other] = [new TokenSeal(secret), new TokenSeal(secret)]
  const sealed = one.close('Bearer Zoë', owner)
  expect(other.open(sealed, owner)).toBe('Bearer Zoë')
  expect(one.close('Bearer Zoë', owner)).not.toBe(sealed)
  expect(one.open(one.close('', owner), owner)).toBe('')
})

test('it stays shut for another user, another key, and when a byte was changed', () => {
  const seal = new TokenSeal(secret)
  const sealed = seal.close('Bearer t', owner)
  const changed = Buffer.from(sealed, 'base64url')
  changed[changed.length - 1]! ^= 1
  expect(seal.open(sealed, { tenant: 't1u', id: '1' })).toBeUndefined()
  expect(new TokenSeal().open(sealed, owner)).toBeUndefined()
  expect(seal.open(changed.toString('base64url'), owner)).toBeUndefined()
  expect(seal.open('short', owner)).toBeUndefined()
})

test('a value cannot leave its segment of a path', () => {
  expect(path`/clients/${'a/../b?c#d'}/notes`).toBe('/clients/a%2F..%2Fb%3Fc%23d/notes')
  expect(new URL(path`/clients/${'..'}/notes`, 'http://x').pathname).toMatch(/^\/clients\/.+\/notes$/)
})
