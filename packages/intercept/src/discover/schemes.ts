import type { ProtocolName } from '@keploy-framework/format'

/** What a scheme says. */
export interface Scheme {
  readonly protocol: ProtocolName
  readonly port: number
  /** TLS from the first byte. */
  readonly direct?: boolean
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  postgres: { protocol: 'postgres', port: 5432 },
  postgresql: { protocol: 'postgres', port: 5432 },
  mysql: { protocol: 'mysql', port: 3306 },
  mysql2: { protocol: 'mysql', port: 3306 },
  mariadb: { protocol: 'mysql', port: 3306 },
  redis: { protocol: 'redis', port: 6379 },
  rediss: { protocol: 'redis', port: 6379, direct: true },
  valkey: { protocol: 'redis', port: 6379 },
  valkeys: { protocol: 'redis', port: 6379, direct: true },
  'redis-sentinel': { protocol: 'redis', port: 26_379 },
  'rediss-sentinel': { protocol: 'redis', port: 26_379, direct: true },
  mongodb: { protocol: 'mongodb', port: 27_017 },
  'mongodb+srv': { protocol: 'mongodb', port: 27_017, direct: true },
  amqp: { protocol: 'amqp', port: 5672 },
  amqps: { protocol: 'amqp', port: 5671, direct: true },
  kafka: { protocol: 'kafka', port: 9092 },
  'kafka+ssl': { protocol: 'kafka', port: 9092, direct: true },
  nats: { protocol: 'generic', port: 4222 },
  memcached: { protocol: 'generic', port: 11_211 },
  http: { protocol: 'http', port: 80 },
  https: { protocol: 'http', port: 443, direct: true },
  grpc: { protocol: 'grpc', port: 80 },
  grpcs: { protocol: 'grpc', port: 443, direct: true },
}

/** Schemes that may be a public address or a callback, and are not taken unless a person names the variable. */
const NAMED_ONLY: ReadonlySet<string> = new Set(['http', 'https', 'grpc', 'grpcs'])

/** Drivers that a suffix may name after these (`postgresql+asyncpg`). */
const WITH_DRIVER: ReadonlySet<string> = new Set(['postgres', 'postgresql', 'mysql', 'mariadb', 'redis', 'rediss'])

/** What a scheme leads to; nothing for schemes that are not ours to rewrite. */
export function findScheme(scheme: string, named: boolean): Scheme | undefined {
  const [base = '', suffix] = scheme.split('+', 2)
  if ((base === 'redis' || base === 'rediss') && suffix === 'sentinel') return SCHEMES[`${base}-sentinel`]
  if ((base === 'redis' || base === 'rediss') && (suffix === 'socket' || suffix === 'unix')) return undefined
  const name = suffix !== undefined && WITH_DRIVER.has(base) ? base : scheme
  if (!Object.hasOwn(SCHEMES, name) || (NAMED_ONLY.has(name) && !named)) return undefined
  return SCHEMES[name]
}
