import { applyEdits, type Edit } from './edits.ts'
import { parseHosts } from './hosts.ts'
import { findScheme, type Scheme } from './schemes.ts'
import {
  addressList,
  credentials,
  decoded,
  postgresCredentials,
  type Setting,
  type SettingContext,
  type Unusable,
} from './setting.ts'
import { socketSetting } from './socket-url.ts'
import { parameter, splitUrl, type SplitUrl } from './split-url.ts'
import { srvSetting } from './srv-url.ts'
import { checksCertificate, directTls, upgradedTls, upgrades, type TlsWords } from './tls-policy.ts'

const CA_PARAMETERS = ['sslrootcert', 'tlscafile', 'sslca', 'ssl_ca', 'ssl-ca', 'ssl_ca_certs', 'cacertfile', 'cafile']

/** Reads a URL (also after `jdbc:`) of a server that we know. Nothing for other schemes; `named` adds http and grpc. */
export function readUrl(text: string, context: SettingContext, named: boolean): Setting | Unusable | undefined {
  const strict = splitUrl(text)
  const scheme = strict && findScheme(strict.scheme, named)
  if (strict === undefined || scheme === undefined) return undefined
  const lenient = splitUrl(text, true)
  const socket = scheme.protocol === 'postgres' ? socketSetting(text, strict, context) : undefined
  if (socket !== undefined) return socket
  if (strict.scheme === 'mongodb+srv') return srvSetting(text, strict, context)
  if (strict.hosts.text === '') return { problem: 'it names no host' }
  for (const url of [strict, lenient]) {
    const targets = url && parseHosts(url.hosts.text, scheme.port)
    if (url !== undefined && targets !== undefined) return setting(text, url, scheme, targets, context)
  }
  return { problem: 'its host and port cannot be read' }
}

function setting(
  text: string,
  url: SplitUrl,
  scheme: Scheme,
  targets: Setting['targets'],
  context: SettingContext,
): Setting {
  const { words, direct, verify } = tlsOf(url, scheme)
  return {
    protocol: scheme.protocol,
    targets,
    tls: upgrades(scheme.protocol)
      ? upgradedTls(words, context)
      : direct
        ? directTls(words, context, verify)
        : { mode: 'off' },
    clientTls: direct && !upgrades(scheme.protocol),
    ...(scheme.protocol === 'postgres' ? postgresCredentials(urlCredentials(url), context) : urlCredentials(url)),
    write: (addresses, ca) =>
      applyEdits(text, [
        { start: url.hosts.start, end: url.hosts.end, text: addressList(addresses) },
        ...certificateEdits(url, scheme, words.mode, ca?.file),
        ...bindingEdits(url, scheme),
      ]),
  }
}

/** What a URL logs in with: before the host, or as parameters (JDBC). */
export function urlCredentials(url: SplitUrl): Pick<Setting, 'credentials'> {
  const value = (name: string): string | undefined => {
    const found = parameter(url, name)?.text
    return found === undefined ? undefined : decoded(found)
  }
  const username = url.username === undefined ? value('user') : decoded(url.username)
  return credentials(username, url.password === undefined ? value('password') : decoded(url.password))
}

/** What a URL says of TLS. */
export function tlsOf(url: SplitUrl, scheme: Scheme): { words: TlsWords; direct: boolean; verify: boolean } {
  const value = (...names: string[]): string | undefined => {
    const found = parameter(url, ...names)?.text
    return found === undefined ? undefined : decoded(found)
  }
  const word = value('sslmode', 'ssl-mode', 'ssl_mode', 'usessl', 'tls', 'ssl')
  const skip = value('tlsallowinvalidcertificates', 'tlsinsecure', 'ssl_cert_reqs', 'verify')?.toLowerCase()
  const words: TlsWords = {
    mode: word,
    ca: value(...CA_PARAMETERS),
    cert: value('sslcert', 'sslclientcert', 'tlscertificatekeyfile'),
    key: value('sslkey', 'sslclientkey', 'tlscertificatekeyfile'),
  }
  const on = word !== undefined && /^(true|1|yes|required?)$/i.test(word)
  const verify = !(skip === 'true' || skip === 'none' || skip === 'cert_none' || skip === 'verify_none')
  return { words, direct: scheme.direct === true || (scheme.protocol === 'mongodb' && on), verify }
}

/** A client of Postgres that insists on binding its login to the certificate of the server can't do so through a relay. */
function bindingEdits(url: SplitUrl, { protocol }: Scheme): Edit[] {
  const word = protocol === 'postgres' ? parameter(url, 'channel_binding', 'channelbinding') : undefined
  return word === undefined ? [] : [{ start: word.start, end: word.end, text: 'disable' }]
}

/** The client checks a certificate: it needs the file of ours where it names a file, or (Postgres) where it needs one. */
function certificateEdits(url: SplitUrl, scheme: Scheme, mode: string | undefined, file: string | undefined): Edit[] {
  if (file === undefined) return []
  const named = parameter(url, ...CA_PARAMETERS)
  const text = encodeURIComponent(file).replaceAll('%2F', '/')
  if (named !== undefined) return [{ start: named.start, end: named.end, text }]
  if (scheme.protocol !== 'postgres' || url.scheme.includes('+') || !checksCertificate(mode)) return []
  return [{ start: url.append.at, end: url.append.at, text: `${url.append.before}sslrootcert=${text}` }]
}
