import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyOptions, type JWTVerifyResult } from 'jose'

import { HttpError } from '../http/http-error.ts'
import { CheckedTokens } from './checked-tokens.ts'
import { userOfClaims } from './claims.ts'
import { UnauthorizedError } from './unauthorized-error.ts'
import type { User } from './user.ts'

/** A user whose token was checked, and until when it holds. */
export interface Identity {
  user: User
  /** In milliseconds since 1970. */
  expiresAt: number
}

export interface TokenVerifierOptions {
  /** One secret that signs by HS256, or the URL of the public keys of an identity provider. */
  key: { secret: Uint8Array } | { jwksUrl: string }
  /** What `iss` must be. Default: anything. */
  issuer?: string | undefined
  /** What `aud` must hold. Default: anything. */
  audience?: string | undefined
  /** In milliseconds since 1970. Default: the system's clock. */
  now?: () => number
}

/** How far the clocks of the issuer and of this machine may differ. */
const CLOCK_TOLERANCE_SECONDS = 30
/** Never HS256 here: a public key must not be taken for a secret. */
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
/** A token is read before anything is known of its sender. */
const MAX_TOKEN_LENGTH = 8_192

/** Checks tokens: JWTs (RFC 7519) with `sub`, `tenant`, `role`, `exp`, and optionally `email` and `subscription`. */
export class TokenVerifier {
  readonly #check: (token: string) => Promise<JWTVerifyResult>
  readonly #checked = new CheckedTokens()
  readonly #now: () => number

  constructor(options: TokenVerifierOptions) {
    const { key, issuer, audience, now = Date.now } = options
    this.#now = now
    const rules = (algorithms: string[]): JWTVerifyOptions => ({
      algorithms,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now()),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    })
    if ('secret' in key) {
      this.#check = (token) => jwtVerify(token, key.secret, rules(['HS256']))
    } else {
      const keys = createRemoteJWKSet(new URL(key.jwksUrl))
      this.#check = (token) => jwtVerify(token, keys, rules(PUBLIC_KEY_ALGORITHMS))
    }
  }

  /**
   * Whose token this is.
   *
   * @throws UnauthorizedError when it is malformed, forged, expired or lacks a claim
   * @throws HttpError 503 when the keys of the identity provider cannot be read
   */
  async verify(token: string): Promise<Identity> {
    const known = this.#checked.find(token, this.#now())
    if (known) return known
    if (token.length > MAX_TOKEN_LENGTH) throw new UnauthorizedError('The token is too long')
    let payload
    try {
      ;({ payload } = await this.#check(token))
    } catch (error) {
      throw refusal(error)
    }
    const read = userOfClaims(payload)
    if ('wrong' in read) throw new UnauthorizedError(`The claim ${read.wrong} of the token is missing or wrong`)
    const identity = { user: read.user, expiresAt: (payload.exp! + CLOCK_TOLERANCE_SECONDS) * 1000 }
    this.#checked.remember(token, identity, this.#now())
    return identity
  }
}

function refusal(error: unknown): HttpError {
  const options = { cause: error }
  if (error instanceof errors.JWTExpired) return new UnauthorizedError('The token has expired', options)
  const ofToken =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  if (ofToken) return new UnauthorizedError('The token is not valid', options)
  // The keys could not be read. That says nothing about the token.
  return new HttpError(503, 'Tokens cannot be checked at the moment', options)
}
