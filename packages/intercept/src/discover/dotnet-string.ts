import type { ProtocolName } from '@keploy-framework/format'

import { applyEdits, type Edit } from './edits.ts'
import { parseHost } from './hosts.ts'
import { splitSemicolons, type KeyValue } from './key-values.ts'
import { credentials, type Setting, type SettingContext, type Unusable } from './setting.ts'
import { upgradedTls } from './tls-policy.ts'

const HOST_KEYS = ['host', 'server', 'datasource', 'address', 'addr']

/**
 * Reads the connection strings of .NET: `Host=db;Port=5432;Username=app` (Npgsql) and `Server=db;Port=3306;Uid=app`
 * (MySQL). Nothing for other servers, SQL Server for example. The name of the variable helps where the value says little.
 */
export function readDotnetString(
  text: string,
  variable: string,
  context: SettingContext,
): Setting | Unusable | undefined {
  if (!text.includes(';') || text.includes('://')) return undefined
  const pairs = splitSemicolons(text)
  const find = (...keys: string[]): KeyValue | undefined => pairs?.findLast(({ key }) => keys.includes(key))
  const host = find(...HOST_KEYS)
  const protocol = host && protocolOf(host, find, variable)
  if (host === undefined || protocol === undefined) return undefined
  const port = find('port')
  const usual = protocol === 'postgres' ? 5432 : 3306
  const names = host.plain.split(',')
  const targets = names.map((name) => parseHost(name.trim(), port === undefined ? usual : Number(port.plain)))
  const known = targets.filter((target) => target !== undefined)
  if (known.length !== names.length) return { problem: 'its host and port cannot be read' }
  const ca = find('rootcertificate', 'sslca', 'cacertificatefile')
  return {
    protocol,
    targets: known,
    tls: upgradedTls({ mode: find('sslmode')?.plain, ca: ca?.plain }, context),
    clientTls: false,
    ...credentials(find('username', 'userid', 'uid', 'user')?.plain, find('password', 'pwd')?.plain),
    write: (addresses, file) => {
      // MySQL's driver reads no port beside a host, so that one relay stands for all of them.
      const several = protocol === 'postgres' && (known.length > 1 || names.some((name) => name.includes(':')))
      const one = addresses[0]
      const list = several ? addresses.map((address) => `${address.host}:${address.port}`).join(',') : (one?.host ?? '')
      const edits: Edit[] = [{ start: host.value.start, end: host.value.end, text: list }]
      const number = String(one?.port ?? usual)
      if (port !== undefined) edits.push({ start: port.value.start, end: port.value.end, text: number })
      else if (!several) edits.push({ start: host.value.end, end: host.value.end, text: `;Port=${number}` })
      if (ca !== undefined && file !== undefined) {
        edits.push({ start: ca.value.start, end: ca.value.end, text: file.file })
      }
      return applyEdits(text, joined(edits))
    },
  }
}

/** Two edits at one place become one. */
function joined(edits: readonly Edit[]): Edit[] {
  const [first, second, ...rest] = edits
  if (first === undefined || second === undefined || second.start !== first.end || second.end !== first.end) {
    return [...edits]
  }
  return [{ start: first.start, end: first.end, text: first.text + second.text }, ...rest]
}

function protocolOf(
  host: KeyValue,
  find: (...keys: string[]) => KeyValue | undefined,
  variable: string,
): ProtocolName | undefined {
  const port = find('port')?.plain
  if (port === '5432' || port === '6432') return 'postgres'
  if (port === '3306') return 'mysql'
  if (/mysql|maria/i.test(variable)) return 'mysql'
  if (/postgres|npgsql|pgsql/i.test(variable)) return 'postgres'
  if (find('uid', 'allowpublickeyretrieval', 'allowuservariables', 'convertzerodatetime') !== undefined) {
    return find('trustservercertificate', 'multipleactiveresultsets') === undefined && port !== undefined
      ? 'mysql'
      : undefined
  }
  if (host.key === 'host') return 'postgres'
  return port === undefined ? undefined : 'mysql'
}
