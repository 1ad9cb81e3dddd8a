import { readDotnetString } from './dotnet-string.ts'
import { applyEdits } from './edits.ts'
import { readGoDsn } from './go-dsn.ts'
import { parseHost, parseHosts } from './hosts.ts'
import { readLibpqDsn } from './libpq-dsn.ts'
import type { MappedVariable } from './planned-relay.ts'
import { readRedisOptions, readServerList, readUrlList } from './server-list.ts'
import { addressList, type Setting, type SettingContext, type Unusable } from './setting.ts'
import { looksLikeUrl } from './split-url.ts'
import { readUrl } from './url-setting.ts'

/** Reads the value of one variable in every form that we know. */
export function readSetting(
  name: string,
  value: string,
  mapped: MappedVariable | undefined,
  context: SettingContext,
): Setting | Unusable | undefined {
  if (mapped !== undefined) return readMapped(value, mapped, context)
  return (
    readUrlList(value, context, false) ??
    readUrl(value, context, false) ??
    (looksLikeUrl(value) && !/^(plaintext|sasl_plaintext|ssl|sasl_ssl):/i.test(value)
      ? undefined
      : readPlain(name, value, context))
  )
}

function readPlain(name: string, value: string, context: SettingContext): Setting | Unusable | undefined {
  return (
    readServerList(value, name, context) ??
    readRedisOptions(value, name) ??
    readGoDsn(value, context) ??
    readLibpqDsn(value, context) ??
    readDotnetString(value, name, context)
  )
}

/** A variable that a person named: its value, or the target given in its place. */
function readMapped(value: string, { protocol, target }: MappedVariable, context: SettingContext): Setting | Unusable {
  const real = target ?? value
  const read = readForm(real, protocol, context)
  if ('problem' in read) return read
  const setting = protocol === undefined ? read : { ...read, protocol }
  if (target === undefined || value.trim() === '') return withPlainHttp(setting, real)
  // The service keeps what it says (path, credentials, options); only where it leads to is given.
  const own = readForm(value, protocol, context)
  if ('problem' in own) return own
  const plain = withPlainHttp(own, value)
  return { ...setting, clientTls: plain.clientTls, write: plain.write }
}

function readForm(text: string, protocol: MappedVariable['protocol'], context: SettingContext): Setting | Unusable {
  const found =
    readUrlList(text, context, true) ??
    readUrl(text, context, true) ??
    (looksLikeUrl(text) ? undefined : readPlain('', text, context))
  if (found !== undefined) return found
  const targets = parseHosts(text, protocol === 'http' ? 80 : 0)
  if (targets === undefined || parseHost(text.split(',', 1)[0] ?? '', 0) === undefined) {
    return { problem: 'it is no host:port and no URL that is known' }
  }
  return {
    protocol: protocol ?? 'http',
    targets,
    tls: { mode: 'off' },
    clientTls: false,
    write: (addresses) => addressList(addresses),
  }
}

/** A URL of HTTPS becomes one of HTTP: the relay talks TLS to the server, and the service needs to trust nothing. */
function withPlainHttp(setting: Setting, text: string): Setting {
  const scheme = /^(http|grpc)s(?=:\/\/)/i.exec(text)
  if (scheme === null || !setting.clientTls) return setting
  return {
    ...setting,
    clientTls: false,
    write: (addresses, ca) => applyEdits(setting.write(addresses, ca), [{ start: 4, end: scheme[0].length, text: '' }]),
  }
}
