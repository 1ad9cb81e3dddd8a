import { describe, expect, test } from 'vitest'

import { jwtDifference } from './jwt-difference.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (header: unknown, claims: unknown): string => `${part(header)}.${part(claims)}.${'s'.repeat(43)}`

const HEADER = { alg: 'RS256' }
type Fields = Record<string, unknown>

/** How a live token with these claims differs from a recorded one with those. */
const ofClaims = (recorded: Fields, live: Fields): string | undefined =>
  jwtDifference({ header: HEADER, claims: recorded }, token(HEADER, live))
const ofHeader = (recorded: Fields, live: Fields): string | undefined =>
  jwtDifference({ header: recorded, claims: {} }, token({ ...HEADER, ...live }, {}))

test('what is no token of three parts is told', () => {
  expect(jwtDifference({ header: HEADER, claims: {} }, 'opaque-token')).toBe('is not a JWT')
})

test.each(['alg', 'typ', 'cty', 'enc', 'zip', 'crit'])('the header %s has to be the recorded one', (name) => {
  const recorded = { ...HEADER, [name]: 'A' }
  expect(ofHeader(recorded, { [name]: 'A' })).toBeUndefined()
  expect(ofHeader(recorded, { [name]: 'B' })).toBe(`is a JWT with another "${name}" in its header`)
})

test('keys are rotated, so that the header kid may be another one', () => {
  expect(ofHeader({ ...HEADER, kid: 'one' }, { kid: 'two' })).toBeUndefined()
})

const claims = ['iss', 'aud', 'scope', 'scp', 'roles', 'azp', 'typ', 'token_use', 'grant_type', 'amr', 'acr']

test.each(claims)('the claim %s has to be the recorded one', (name) => {
  expect(ofClaims({ [name]: 'read' }, { [name]: 'read' })).toBeUndefined()
  expect(ofClaims({ [name]: 'read' }, { [name]: 'write' })).toBe(`is a JWT with another "${name}"`)
  expect(ofClaims({ [name]: 'read' }, {})).toBe(`is a JWT with another "${name}"`)
})

test('claims that say nothing of the use may differ', () => {
  expect(ofClaims({ sub: 'a', jti: '1' }, { sub: 'b', jti: '2' })).toBeUndefined()
})

test.each(['exp', 'iat', 'nbf'])('the time %s has to be there, and may be another', (name) => {
  expect(ofClaims({ [name]: 1 }, { [name]: 2 })).toBeUndefined()
  expect(ofClaims({ [name]: 1 }, {})).toBe(`is a JWT with another kind of "${name}"`)
  expect(ofClaims({}, { [name]: 1 })).toBe(`is a JWT with another kind of "${name}"`)
})

describe('a claim that was not recorded', () => {
  test.each([['read'], [1], [true], [['read', 'write']], [[]]])('%j is a difference', (value) => {
    expect(ofClaims({}, { aud: value })).toBe('is a JWT with another "aud"')
  })

  test.each([['ann@example.com'], [['read', 'ann@example.com']], [['ann@example.com', 'read']], [[1]], [{ a: 1 }]])(
    '%j is none, since a recording keeps nothing of that kind',
    (value) => {
      expect(ofClaims({}, { aud: value })).toBeUndefined()
    },
  )

  test('a name that every object has does not count as recorded', () => {
    expect(jwtDifference({ header: HEADER, claims: {} }, token(HEADER, JSON.parse('{"__proto__":{"aud":"x"}}')))).toBe(
      undefined,
    )
  })
})

describe('lists', () => {
  test('have to be equal, member by member', () => {
    expect(ofClaims({ aud: ['a', 'b'] }, { aud: ['a', 'b'] })).toBeUndefined()
    for (const aud of [['a', 'c'], ['c', 'b'], ['a'], ['a', 'b', 'c'], ['b', 'a'], 'a', 2]) {
      expect(ofClaims({ aud: ['a', 'b'] }, { aud })).toBe('is a JWT with another "aud"')
    }
  })
})

describe('values', () => {
  test('that are no text are equal or different', () => {
    expect(ofClaims({ acr: 1 }, { acr: 1 })).toBeUndefined()
    expect(ofClaims({ acr: true }, { acr: true })).toBeUndefined()
    for (const [recorded, live] of [
      [1, 2],
      [1, '1'],
      ['1', 1],
      [true, false],
    ]) {
      expect(ofClaims({ acr: recorded }, { acr: live })).toBe('is a JWT with another "acr"')
    }
  })

  test('may name another host, and no other path', () => {
    const iss = 'https://auth.example.com/tenant'
    expect(ofClaims({ iss }, { iss: 'https://127.0.0.1:8443/tenant' })).toBeUndefined()
    expect(ofClaims({ iss: 'HTTPS://A/x' }, { iss: 'HTTPS://b/x' })).toBeUndefined()
    expect(ofClaims({ iss: 'auth:8080' }, { iss: 'login.example-1.com:65000' })).toBeUndefined()
    const others = ['https://auth.example.com/other', 'http://auth.example.com/tenant', 'auth:80', '/tenant']
    for (const other of others) expect(ofClaims({ iss }, { iss: other })).toBe('is a JWT with another "iss"')
    for (const [recorded, live] of [
      ['see https://a/x', 'see https://b/x'],
      ['auth:8080', 'auth:x'],
      ['auth:8080', 'auth:80/x'],
      ['a auth:8080', 'b auth:8080'],
      ['auth:', 'login:'],
    ]) {
      expect(ofClaims({ iss: recorded }, { iss: live })).toBe('is a JWT with another "iss"')
    }
  })

  test('may be another generated id of the same form', () => {
    const azp = '0b6f4ce5-2d0e-4f2b-9c3e-3a9d3e0b7c11'
    expect(ofClaims({ azp }, { azp: '7a1c9d4e-5f60-4b8a-a1b2-c3d4e5f60718' })).toBeUndefined()
    expect(ofClaims({ azp }, { azp: 'shop' })).toBe('is a JWT with another "azp"')
    expect(ofClaims({ azp: 'shop' }, { azp })).toBe('is a JWT with another "azp"')
  })
})

test.each([1, 'text', null, []])('claims that are %j are none at all', (claimsOfLive) => {
  const found = jwtDifference({ header: HEADER, claims: { aud: 'a' } }, token(HEADER, claimsOfLive))
  expect(found).toBe('is a JWT with another "aud"')
})
