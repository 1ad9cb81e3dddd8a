import type { ProtocolName } from '@keploy-framework/format'

import { parseHost } from './hosts.ts'
import { addressList, credentials, nthAddress, type Address, type Setting, type SettingContext } from './setting.ts'
import { socketTarget } from './socket-url.ts'
import { upgradedTls, upgrades } from './tls-policy.ts'

/** A host in one variable, and what belongs to it in others. */
export interface Pair {
  /** The variables, the host first: `PGHOST`, `PGPORT`. */
  readonly names: readonly [string, string]
  readonly setting: Omit<Setting, 'write'>
  readonly write: (addresses: readonly Address[], ca?: { readonly file: string }) => Record<string, string>
}

interface Kind {
  readonly protocol: ProtocolName
  readonly port: number
}

const STEMS: Readonly<Record<string, Kind>> = {
  PG: { protocol: 'postgres', port: 5432 },
  PGSQL: { protocol: 'postgres', port: 5432 },
  POSTGRES: { protocol: 'postgres', port: 5432 },
  POSTGRESQL: { protocol: 'postgres', port: 5432 },
  MYSQL: { protocol: 'mysql', port: 3306 },
  MARIADB: { protocol: 'mysql', port: 3306 },
  REDIS: { protocol: 'redis', port: 6379 },
  VALKEY: { protocol: 'redis', port: 6379 },
  MONGO: { protocol: 'mongodb', port: 27_017 },
  MONGODB: { protocol: 'mongodb', port: 27_017 },
  RABBITMQ: { protocol: 'amqp', port: 5672 },
  RABBIT: { protocol: 'amqp', port: 5672 },
  AMQP: { protocol: 'amqp', port: 5672 },
  KAFKA: { protocol: 'kafka', port: 9092 },
  NATS: { protocol: 'generic', port: 4222 },
  MEMCACHED: { protocol: 'generic', port: 11_211 },
}

const HOST_NAME = new RegExp(`^(?:(.+_)?(${Object.keys(STEMS).join('|')}|DB|DATABASE)_(HOST|HOSTNAME)|PGHOST)$`, 'i')

/** Finds out what a database variable without a name of its own leads to: by the word of a neighbour, or by the port. */
function databaseKind(stem: string, port: string | undefined, { variable }: SettingContext): Kind | undefined {
  for (const suffix of ['CONNECTION', 'TYPE', 'ENGINE', 'DRIVER', 'DIALECT', 'CLIENT', 'ADAPTER']) {
    const word = variable(`${stem}_${suffix}`)?.toLowerCase() ?? ''
    if (/postgres|psycopg|pgsql|\bpg\b/.test(word)) return STEMS['POSTGRES']
    if (/mysql|maria/.test(word)) return STEMS['MYSQL']
    if (/mongo/.test(word)) return STEMS['MONGO']
  }
  return Object.values(STEMS).find((kind) => String(kind.port) === port)
}

/**
 * Reads a host and port that stand in two variables, named by convention. `undefined` when the variable is none of them.
 */
export function readPair(name: string, value: string, context: SettingContext): Pair | { problem: string } | undefined {
  const match = HOST_NAME.exec(name)
  if (match === null || value.includes('://')) return undefined
  const libpq = match[2] === undefined
  const stem = libpq ? 'PG' : `${match[1] ?? ''}${match[2]}`
  const sibling = (suffix: string): string => (libpq ? `PG${suffix}` : `${stem}_${suffix}`)
  const portName = sibling(name === name.toLowerCase() ? 'port' : 'PORT')
  const written = context.variable(portName)
  // Links of containers put a URL there.
  const portText = written !== undefined && written.includes('://') ? undefined : written?.trim()
  const word = (match[2] ?? 'PG').toUpperCase()
  const kind = Object.hasOwn(STEMS, word) ? STEMS[word] : databaseKind(stem, portText, context)
  if (kind === undefined) {
    return { problem: 'it does not say which kind of database it leads to; name the protocol in dependencies.map' }
  }
  const port = portText === undefined || portText === '' ? String(kind.port) : portText
  const within = /^\[.*\]:\d+$|^[^:]+:\d+$/.test(value)
  const target = value.startsWith('/') ? socketTarget(value, port) : parseHost(value.trim(), Number(port))
  if (target === undefined || !/^\d+$/.test(port)) return { problem: 'its host and port cannot be read' }
  const first = (...suffixes: string[]): string | undefined =>
    suffixes.map((suffix) => context.variable(sibling(suffix))).find((found) => found !== undefined)
  const mode = first('SSLMODE', 'SSL_MODE')
  const file = first('SSLROOTCERT')
  const flag = /^(true|1|yes|on)$/i.test(first('TLS', 'SSL', 'TLS_ENABLED', 'SSL_ENABLED', 'USE_TLS') ?? '')
  const socket = 'path' in target
  const direct = flag && !upgrades(kind.protocol) && !socket
  return {
    names: [name, portName],
    setting: {
      protocol: kind.protocol,
      targets: [target],
      tls: socket
        ? { mode: 'off' }
        : upgrades(kind.protocol)
          ? upgradedTls({ mode: mode ?? (flag ? 'require' : undefined), ca: file }, context)
          : direct
            ? { mode: 'direct', verify: true }
            : { mode: 'off' },
      clientTls: direct,
      ...credentials(first('USER', 'USERNAME'), first('PASSWORD', 'PASS')),
    },
    write: (addresses, ca) => {
      const address = nthAddress(addresses, 0)
      const sets: Record<string, string> = { [name]: within ? addressList([address]) : address.host }
      if (!within || written !== undefined) sets[portName] = String(address.port)
      if (libpq && context.variable('PGHOSTADDR') !== undefined) sets['PGHOSTADDR'] = address.host
      if (libpq && ca !== undefined && (file !== undefined || /verify/i.test(mode ?? '')))
        sets['PGSSLROOTCERT'] = ca.file
      return sets
    },
  }
}
