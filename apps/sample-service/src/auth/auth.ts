import type { Settings } from '../config/settings.ts'
import { DevelopmentTokens } from './development-tokens.ts'
import { TokenVerifier } from './token-verifier.ts'

export interface Auth {
  verifier: TokenVerifier
  /** Only without settings. */
  development: DevelopmentTokens | undefined
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * How tokens are checked: as the settings say, and without settings by a key of this process, whose tokens everybody
 * gets who asks.
 *
 * @throws Error without settings when other machines could ask
 */
export function createAuth({ auth, host }: Pick<Settings, 'auth' | 'host'>): Auth {
  if (auth) return { verifier: new TokenVerifier(auth), development: undefined }
  if (!LOOPBACK.has(host)) {
    throw new Error(
      `Other machines can reach ${host}: set AUTH_SECRET or AUTH_JWKS_URL, so that tokens mean something.`,
    )
  }
  const development = new DevelopmentTokens()
  return { verifier: new TokenVerifier({ key: { secret: development.secret } }), development }
}
