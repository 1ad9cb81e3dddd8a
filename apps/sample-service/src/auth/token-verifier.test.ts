import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'

import { signToken } from './development-tokens.ts'
import { TokenVerifier } from './token-verifier.ts'
import type { User } from './user.ts'

const secret = new TextEncoder().encode('a secret of this test, long enough')
const zoe: User = {
  id: 'zoë',
  tenant: 'clinic',
  role: 'practitioner',
  email: 'zoe@clinic.example',
  subscription: 'pro',
}
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600

const signed = (claims: JWTPayload, key = secret, alg = 'HS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(key)

describe('with a secret', () => {
  const verifier = new TokenVerifier({ key: { secret } })

  test('a token says who the user is', async () => {
    const { user, expiresAt } = await verifier.verify(await signToken(zoe, secret, 60))
    expect(user).toEqual(zoe)
    expect(expiresAt).toBeGreaterThan(Date.now() + 60_000)
  })

  test('a client without email and subscription', async () => {
    const token = await signed({ sub: 'c1', tenant: 't', role: 'client', exp: inAnHour() })
    await expect(verifier.verify(token)).resolves.toMatchObject({
      user: { id: 'c1', tenant: 't', role: 'client', email: null, subscription: null },
    })
  })

  test.each<[string, () => Promise<string> | string, string]>([
    ['nothing', () => '', 'not valid'],
    ['no token', () => 'abc', 'not valid'],
    ['broken parts', () => 'a.b.c', 'not valid'],
    ['a token of another secret', () => signToken(zoe, new Uint8Array(32), 60), 'not valid'],
    ['a stale one', () => signToken(zoe, secret, -60), 'The token has expired'],
    ['one without end', () => signed({ sub: 'u', tenant: 't', role: 'client' }), 'not valid'],
    ['one that is not valid yet', () => signed({ nbf: inAnHour(), exp: inAnHour() }), 'not valid'],
    ['one without signature', () => new UnsecuredJWT({ sub: 'u' }).setExpirationTime('1h').encode(), 'not valid'],
    ['another algorithm', () => signed({ exp: inAnHour() }, new Uint8Array(64), 'HS512'), 'not valid'],
    ['no user', () => signed({ tenant: 't', role: 'client', exp: inAnHour() }), 'The claim sub'],
    ['no tenant', () => signed({ sub: 'u', role: 'client', exp: inAnHour() }), 'The claim tenant'],
    ['an unknown role', () => signed({ sub: 'u', tenant: 't', role: 'root', exp: inAnHour() }), 'The claim role'],
    ['a NUL', () => signed({ sub: 'u\0', tenant: 't', role: 'client', exp: inAnHour() }), 'The claim sub'],
    ['too much', () => signed({ sub: 'u', junk: 'x'.repeat(10_000), exp: inAnHour() }), 'too long'],
  ])('%s is 401', async (_name, make, reason) => {
    await expect(verifier.verify(await make())).rejects.toMatchObject({
      statusCode: 401,
      message: expect.stringContaining(reason),
    })
  })

  test('a token whose payload was exchanged is 401', async () => {
    const [head, , signature] = (await signToken(zoe, secret, 60)).split('.')
    const payload = Buffer.from(JSON.stringify({ ...zoe, sub: 'other', exp: inAnHour() })).toString('base64url')
    await expect(verifier.verify(`${head}.${payload}.${signature}`)).rejects.toMatchObject({ statusCode: 401 })
  })

  test('clocks may differ by half a minute, and no further', async () => {
    const token = await signToken(zoe, secret, 0)
    const issued = Math.floor(Date.now() / 1000)
    const at = (seconds: number) => new TokenVerifier({ key: { secret }, now: () => (issued + seconds) * 1000 })
    await expect(at(25).verify(token)).resolves.toMatchObject({ user: zoe })
    await expect(at(35).verify(token)).rejects.toMatchObject({ statusCode: 401 })
  })

  test('issuer and audience are checked where they are set', async () => {
    const strict = new TokenVerifier({ key: { secret }, issuer: 'https://id.example', audience: 'platform' })
    const claims = { sub: 'u', tenant: 't', role: 'client', exp: inAnHour(), iss: 'https://id.example' }
    await expect(strict.verify(await signed({ ...claims, aud: ['platform'] }))).resolves.toBeDefined()
    await expect(strict.verify(await signed({ ...claims, aud: 'other' }))).rejects.toMatchObject({ statusCode: 401 })
    await expect(strict.verify(await signToken(zoe, secret, 60))).rejects.toMatchObject({ statusCode: 401 })
  })
})

describe('with the keys of an identity provider', () => {
  test('its tokens are taken, those of others are not, and without an answer nothing is said about a token', async () => {
    const [ours, theirs] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
    const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'one', alg: 'ES256' }
    let up = true
    const provider = createServer((_request, response) => {
      response.writeHead(up ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }))
    }).listen(0, '127.0.0.1')
    await once(provider, 'listening')
    const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`
    const claims = { sub: 'u', tenant: 't', role: 'client', exp: inAnHour() }
    const sign = (key: CryptoKey, kid = 'one') =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(key)

    const verifier = new TokenVerifier({ key: { jwksUrl } })
    await expect(verifier.verify(await sign(ours.privateKey))).resolves.toMatchObject({ user: { id: 'u' } })
    await expect(verifier.verify(await sign(theirs.privateKey))).rejects.toMatchObject({ statusCode: 401 })
    await expect(verifier.verify(await sign(theirs.privateKey, 'two'))).rejects.toMatchObject({ statusCode: 401 })
    // A public key is no secret.
    const confused = await signed(claims, new TextEncoder().encode(JSON.stringify(jwk)))
    await expect(verifier.verify(confused)).rejects.toMatchObject({ statusCode: 401 })

    up = false
    const another = new TokenVerifier({ key: { jwksUrl } })
    await expect(another.verify(await sign(ours.privateKey))).rejects.toMatchObject({ statusCode: 503 })
    provider.close()
    provider.closeAllConnections()
  })
})
