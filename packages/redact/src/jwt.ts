/** What a redacted token keeps. */
export interface JwtRecord {
  readonly header: Record<string, unknown>
  readonly claims: Record<string, unknown>
}

/** Claims that say how a token is used and nothing about a person. */
const CLAIMS = [
  'iss',
  'aud',
  'exp',
  'iat',
  'nbf',
  'scope',
  'scp',
  'roles',
  'azp',
  'typ',
  'token_use',
  'grant_type',
  'amr',
  'acr',
]
const HEADER = ['alg', 'typ', 'cty', 'enc', 'zip', 'kid', 'crit']
/** Longer parts are not decoded: no issuer writes them. */
const MAX_PART = 16_384

function decode(part: string): Record<string, unknown> | undefined {
  if (part.length > MAX_PART) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Plain values only: a claim that holds an object may hold a person. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string' && !one.includes('@'))
  return typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !value.includes('@'))
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of names) if (Object.hasOwn(from, name) && isPlain(from[name])) picked[name] = from[name]
  return picked
}

/** The header and the non-personal claims of a JSON web token; nothing when the text is none. */
export function readJwt(token: string): JwtRecord | undefined {
  if (!token.startsWith('eyJ')) return undefined
  const [first = '', second = '', third] = token.split('.', 3)
  if (third === undefined) return undefined
  const header = decode(first)
  if (!header || typeof header['alg'] !== 'string') return undefined
  return { header: pick(header, HEADER), claims: pick(decode(second) ?? {}, CLAIMS) }
}
