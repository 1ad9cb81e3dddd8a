import type { SecretRecord } from '@keploy-framework/format'

import { detectForm, sameForm } from '../forms/detect-form.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a token says about its use; the same names that a recording keeps of it. Keys are rotated, so `kid` is not one. */
const HEADER = ['alg', 'typ', 'cty', 'enc', 'zip', 'crit']
const CLAIMS = ['iss', 'aud', 'scope', 'scp', 'roles', 'azp', 'typ', 'token_use', 'grant_type', 'amr', 'acr']
const TIMES = ['exp', 'iat', 'nbf']

/**
 * How a live token differs from what a recording kept of a JSON web token, as the end of a sentence; undefined when it
 * does not. Header and claims of use are compared, times only for being there; hosts and generated ids may differ.
 */
export function jwtDifference(recorded: NonNullable<SecretRecord['jwt']>, live: string): string | undefined {
  if (detectForm(live) !== 'jwt') return 'is not a JWT'
  const [header, claims] = live.split('.', 2).map(decode)
  const inHeader = firstDifference(recorded.header, header ?? {}, HEADER)
  if (inHeader !== undefined) return `is a JWT with another "${inHeader}" in its header`
  const inClaims = firstDifference(recorded.claims, claims ?? {}, CLAIMS)
  if (inClaims !== undefined) return `is a JWT with another "${inClaims}"`
  const time = TIMES.find((name) => typeof recorded.claims[name] !== typeof claims?.[name])
  return time === undefined ? undefined : `is a JWT with another kind of "${time}"`
}

function firstDifference(recorded: Fields, live: Fields, names: readonly string[]): string | undefined {
  return names.find((name) => {
    const before = own(recorded, name)
    const now = own(live, name)
    if (before === undefined) return now !== undefined && isKept(now)
    return !sameUse(before, now)
  })
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** A recording keeps plain values only, and none that may name a person. */
function isKept(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string' && !one.includes('@'))
  return typeof value !== 'object' && !(typeof value === 'string' && value.includes('@'))
}

function sameUse(recorded: unknown, live: unknown): boolean {
  if (Array.isArray(recorded)) {
    return (
      Array.isArray(live) &&
      recorded.length === live.length &&
      recorded.every((one, index) => sameUse(one, live[index]))
    )
  }
  if (typeof recorded !== 'string' || typeof live !== 'string') return recorded === live
  if (recorded === live || withoutHost(recorded) === withoutHost(live)) return true
  return detectForm(recorded) !== undefined && sameForm(recorded, live)
}

/** An issuer names the address that it runs at. */
function withoutHost(text: string): string {
  return text.replace(/^(https?:\/\/)[^/?#]*/i, '$1').replace(/^[\w.-]+:\d+$/, ':')
}

function decode(part: string): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Fields) : {}
  } catch {
    return {}
  }
}
