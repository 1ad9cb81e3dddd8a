import { applyEdits, type Edit } from './edits.ts'
import { parseHost } from './hosts.ts'
import { splitKeywords, type KeyValue } from './key-values.ts'
import { credentials, postgresCredentials, type Setting, type SettingContext, type Unusable } from './setting.ts'
import { socketTarget } from './socket-url.ts'
import { checksCertificate, upgradedTls } from './tls-policy.ts'

/** Reads libpq's keywords, `host=db port=5432 user=app`. From libpq's description of connection strings. */
export function readLibpqDsn(text: string, context: SettingContext): Setting | Unusable | undefined {
  if (!/(^|\s)host(addr)?\s*=/.test(text) || text.includes(';') || text.includes('://')) return undefined
  const pairs = splitKeywords(text)
  if (pairs === undefined) return undefined
  const find = (key: string): KeyValue | undefined => pairs.findLast((pair) => pair.key === key)
  const [host, address, port, file] = ['host', 'hostaddr', 'port', 'sslrootcert'].map(find)
  const hosts = (address ?? host)?.plain.split(',') ?? []
  const ports = (port?.plain ?? '').split(',')
  const targets = hosts.map((name, index) => {
    const number = (ports.length === 1 ? ports[0] : ports[index]) || '5432'
    return name.startsWith('/') ? socketTarget(name, number) : parseHost(bracketed(name.trim()), Number(number))
  })
  const known = targets.filter((target) => target !== undefined)
  if (known.length === 0 || known.length !== targets.length) return { problem: 'its host and port cannot be read' }
  const mode = find('sslmode')?.plain
  const sockets = known.every((target) => 'path' in target)
  return {
    protocol: 'postgres',
    targets: known,
    tls: sockets
      ? { mode: 'off' }
      : upgradedTls({ mode, ca: file?.plain, cert: find('sslcert')?.plain, key: find('sslkey')?.plain }, context),
    clientTls: false,
    ...postgresCredentials(credentials(find('user')?.plain, find('password')?.plain), context),
    write: (addresses, ca) => {
      const edits: Edit[] = []
      const put = (pair: KeyValue | undefined, value: string): void => {
        if (pair !== undefined) edits.push({ start: pair.value.start, end: pair.value.end, text: value })
      }
      const names = addresses.map((one) => one.host).join(',')
      put(host, names)
      put(address, names)
      put(port, addresses.map((one) => one.port).join(','))
      // A login can't be bound to the certificate of the server through a relay.
      put(find('channel_binding'), 'disable')
      let added = port === undefined ? ` port=${addresses.map((one) => one.port).join(',')}` : ''
      if (ca !== undefined && file !== undefined) put(file, quoted(ca.file))
      else if (ca !== undefined && checksCertificate(mode)) added += ` sslrootcert=${quoted(ca.file)}`
      return applyEdits(text, edits) + added
    },
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
