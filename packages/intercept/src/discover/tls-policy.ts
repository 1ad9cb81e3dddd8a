import type { ProtocolName } from '@keploy-framework/format'

import type { TlsPolicy } from '../relay/handler.ts'
import type { SettingContext } from './setting.ts'

/** The words in which a setting speaks of TLS, as written. */
export interface TlsWords {
  /** `sslmode`, `ssl-mode`, `useSSL`, `tls`… */
  readonly mode?: string | undefined
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** What `sslmode` and its kin of Postgres and MySQL mean. Unknown words count as what is usual for the driver. */
function modeOf(word: string): Pick<TlsPolicy, 'mode' | 'verify'> | undefined {
  const plain = word.toLowerCase().replaceAll(/[-_ ]/g, '')
  if (['disable', 'disabled', 'none', 'false', '0', 'no', 'off'].includes(plain)) return { mode: 'off' }
  if (['allow', 'prefer', 'preferred'].includes(plain)) return { mode: 'prefer', verify: false }
  if (['require', 'required', 'skipverify', 'trust', 'noverify'].includes(plain))
    return { mode: 'require', verify: false }
  if (['verifyca', 'verifyfull', 'verifyidentity', 'true', '1', 'yes', 'on'].includes(plain)) {
    return { mode: 'require', verify: true }
  }
  return undefined
}

/** How the real server is to be reached inside of Postgres' or MySQL's own handshake. */
export function upgradedTls(words: TlsWords, context: SettingContext): TlsPolicy {
  const mode = (words.mode === undefined ? undefined : modeOf(words.mode)) ?? { mode: 'prefer', verify: false }
  return { ...mode, ...(mode.mode === 'off' ? {} : files(words, context)) }
}

/** TLS from the first byte. */
export function directTls(words: TlsWords, context: SettingContext, verify = true): TlsPolicy {
  return { mode: 'direct', verify, ...files(words, context) }
}

/** Whether TLS begins inside of the protocol. */
export function upgrades(protocol: ProtocolName): boolean {
  return protocol === 'postgres' || protocol === 'mysql'
}

/** Whether the client will check the certificate of the relay. */
export function checksCertificate(mode: string | undefined): boolean {
  return mode !== undefined && modeOf(mode)?.verify === true
}

function files({ ca, cert, key }: TlsWords, { readFile }: SettingContext): Pick<TlsPolicy, 'ca' | 'cert' | 'key'> {
  const text = (path: string | undefined): string | undefined =>
    path === undefined || path === '' || path === 'system' ? undefined : readFile(path)
  const [caText, certText, keyText] = [text(ca), text(cert), text(key)]
  return {
    ...(caText !== undefined && { ca: caText }),
    ...(certText !== undefined && { cert: certText }),
    ...(keyText !== undefined && { key: keyText }),
  }
}
