import { applyEdits, type Edit } from './edits.ts'
import { parseHost } from './hosts.ts'
import {
  decoded,
  hostText,
  nthAddress,
  postgresCredentials,
  type Setting,
  type SettingContext,
  type Unusable,
} from './setting.ts'
import { parameter, type SplitUrl } from './split-url.ts'
import { upgradedTls } from './tls-policy.ts'
import { urlCredentials } from './url-setting.ts'

/**
 * Postgres may name its server in the query (`postgresql:///db?host=/var/run/postgresql`), or a folder of sockets as the
 * host (`%2Fvar%2Frun%2Fpostgresql`). Nothing when a URL does neither. From libpq's description of connection URIs.
 */
export function socketSetting(text: string, url: SplitUrl, context: SettingContext): Setting | Unusable | undefined {
  const named = parameter(url, 'host')
  const [encoded = '', digits] = url.hosts.text.split(':', 2)
  const folder = decoded(encoded)
  if (named === undefined && !folder.startsWith('/')) return undefined
  const port = parameter(url, 'port')
  const host = named === undefined ? folder : decoded(named.text)
  const number = (port?.text ?? digits ?? '') || '5432'
  if (host.includes(',')) return { problem: 'it names several hosts in its query; name them before the path' }
  const target = host.startsWith('/') ? socketTarget(host, number) : parseHost(host, Number(number))
  if (target === undefined) return { problem: 'its host and port cannot be read' }
  const mode = parameter(url, 'sslmode')?.text
  return {
    protocol: 'postgres',
    targets: [target],
    tls: 'path' in target ? { mode: 'off' } : upgradedTls({ mode }, context),
    clientTls: false,
    ...postgresCredentials(urlCredentials(url), context),
    write: (addresses) => {
      const address = nthAddress(addresses, 0)
      const list = `${hostText(address.host)}:${address.port}`
      if (named === undefined) return applyEdits(text, [{ start: url.hosts.start, end: url.hosts.end, text: list }])
      const edits: Edit[] = [{ start: named.start, end: named.end, text: address.host }]
      if (port !== undefined) edits.push({ start: port.start, end: port.end, text: String(address.port) })
      else edits.push({ start: url.append.at, end: url.append.at, text: `&port=${address.port}` })
      return applyEdits(text, edits)
    },
  }
}

/** The socket of a Postgres in a folder. */
export function socketTarget(folder: string, port: string): { readonly path: string } {
  return { path: `${folder.replace(/\/+$/, '')}/.s.PGSQL.${port}` }
}
