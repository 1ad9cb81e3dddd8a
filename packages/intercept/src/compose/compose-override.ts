import { parse, stringify } from 'yaml'

import { expandDotenv } from '../discover/dotenv.ts'

/** The name by which containers reach this machine. */
export const CONTAINER_HOST = 'host.docker.internal'

export interface ComposeOverrideOptions {
  /** The text of the compose file. */
  readonly composeFile: string
  /** The service under test. */
  readonly service: string
  /** What its environment is to hold: as `PlannedRelay.write`, `proxyVariables` and `trustVariables` give it. */
  readonly variables: Readonly<Record<string, string>>
  /** What `host.docker.internal` leads to. Default: `host-gateway`, which Docker 20.10 and later replaces by this machine. */
  readonly hostGateway?: string
  /** A folder of this machine that the container needs to read, under the same path: that of the certificates. */
  readonly folder?: string
  /** A network outside the file that the service joins too (`networkName` of `keploy.yml`). */
  readonly network?: string
}

/** A file to give to `docker compose -f` after the project's own, or why there is none. */
export type ComposeOverride = { readonly yaml: string } | { readonly problem: string }

/**
 * Writes an override file that leads a service of a compose file to relays on this machine. Only what changes is in it.
 *
 * @example
 * composeOverride({ composeFile: 'services: { shop: { image: shop } }', service: 'shop', variables: { PGHOST: 'host.docker.internal' } })
 */
export function composeOverride(options: ComposeOverrideOptions): ComposeOverride {
  const found = findService(options.composeFile, options.service)
  if (typeof found === 'string') return { problem: found }
  const { hostGateway = 'host-gateway', folder, network } = options
  // Compose replaces `$NAME` in this file too; two of them stand for one.
  const environment = Object.fromEntries(
    Object.entries(options.variables).map(([name, value]) => [name, value.replaceAll('$', '$$$$')]),
  )
  const service = {
    environment,
    extra_hosts: [`${CONTAINER_HOST}:${hostGateway}`],
    ...(folder !== undefined && {
      volumes: [{ type: 'bind', source: dollars(folder), target: dollars(folder), read_only: true }],
    }),
    // Whoever names a network leaves the default one, unless it is named too.
    ...(network !== undefined && {
      networks: found['networks'] === undefined ? ['default', dollars(network)] : [dollars(network)],
    }),
  }
  const tree = {
    // Without it, the first version of Compose takes the file for one of 2014.
    ...versionOf(options.composeFile),
    services: { [options.service]: service },
    ...(network !== undefined && { networks: { [dollars(network)]: { external: true } } }),
  }
  return { yaml: stringify(tree, { lineWidth: 0 }) }
}

/**
 * The environment that a compose file gives to a service, for `planRelays`: with `$NAME` and `${NAME:-default}` replaced
 * from `env`, over what its `env_file` holds.
 *
 * @example
 * composeEnvironment('services: { shop: { environment: { PGHOST: db } } }', 'shop', {}) // { PGHOST: 'db' }
 */
export function composeEnvironment(
  composeFile: string,
  service: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (name: string) => string | undefined = () => undefined,
): Record<string, string> {
  const found = findService(composeFile, service)
  if (typeof found === 'string') return {}
  const written = found['environment']
  const pairs: [string, unknown][] = Array.isArray(written)
    ? written.map((item) => {
        const text = String(item)
        const equals = text.indexOf('=')
        return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
      })
    : Object.entries(isMap(written) ? written : {})
  const result: Record<string, string> = {}
  const files = envFilesOf(found).flatMap((name) => {
    const text = readFile(replaced(name, env))
    return text === undefined ? [] : [{ name, text }]
  })
  for (const [name, { value }] of expandDotenv(files, env)) {
    Object.defineProperty(result, name, { value, enumerable: true, configurable: true })
  }
  for (const [name, value] of pairs) {
    const text = value === undefined || value === null ? env[name] : replaced(scalar(value), env)
    if (text !== undefined) Object.defineProperty(result, name, { value: text, enumerable: true, configurable: true })
  }
  return result
}

/**
 * The port of this machine that leads to a service of a compose file: the first one that it publishes over TCP.
 *
 * @example
 * composePort('services: { shop: { ports: ["8000:80"] } }', 'shop', {}) // 8000
 */
export function composePort(
  composeFile: string,
  service: string,
  env: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const found = findService(composeFile, service)
  const ports = typeof found === 'string' ? undefined : found['ports']
  for (const item of Array.isArray(ports) ? (ports as unknown[]) : []) {
    const port = isMap(item)
      ? item['protocol'] === 'udp'
        ? undefined
        : Number(replaced(scalar(item['published']), env) || Number.NaN)
      : publishedPort(replaced(scalar(item), env))
    if (port !== undefined && Number.isInteger(port)) return port
  }
  return undefined
}

/**
 * The port of this machine in what `--publish` and `ports` say: `8000:80`, `127.0.0.1:8000:80/tcp`.
 *
 * @example
 * publishedPort('127.0.0.1:8000:80') // 8000
 */
export function publishedPort(text: string): number | undefined {
  const [, port] = /^(?:.*:)?(\d{1,5}):\d{1,5}(?:\/tcp)?$/.exec(text) ?? []
  return port === undefined ? undefined : Number(port)
}

/**
 * The service that runs in a container of this name, by its key or its `container_name`; without a name, the only one.
 *
 * @example
 * composeService('services: { shop: { container_name: shop-1 } }', 'shop-1') // 'shop'
 */
export function composeService(composeFile: string, container?: string): string | undefined {
  const services = servicesOf(composeFile)
  if (typeof services === 'string') return undefined
  const names = Object.keys(services)
  if (container === undefined) return names.length === 1 ? names[0] : undefined
  const named = (name: string): boolean => {
    const service = services[name]
    return isMap(service) && service['container_name'] === container
  }
  return names.includes(container) ? container : names.find(named)
}

function versionOf(composeFile: string): { version?: string } {
  const tree = parse(composeFile, { maxAliasCount: 100, merge: true }) as Record<string, unknown>
  const version = scalar(tree['version'])
  return version === '' ? {} : { version }
}

function envFilesOf(service: Record<string, unknown>): string[] {
  const written = service['env_file']
  const items: unknown[] = Array.isArray(written) ? written : [written]
  return items.map((item) => scalar(isMap(item) ? item['path'] : item)).filter((name) => name !== '')
}

function replaced(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text
    .split('$$')
    .map((part) => {
      const file = { name: '', text: `VALUE=${JSON.stringify(part)}` }
      return part.includes('$') ? (expandDotenv([file], env).get('VALUE')?.value ?? part) : part
    })
    .join('$')
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function findService(composeFile: string, service: string): Record<string, unknown> | string {
  const services = servicesOf(composeFile)
  if (typeof services === 'string') return services
  const found = Object.hasOwn(services, service) ? services[service] : undefined
  if (found === undefined) {
    return `The compose file has no service ${JSON.stringify(service)}; it has ${Object.keys(services).slice(0, 20).join(', ')}.`
  }
  return isMap(found) ? found : {}
}

function servicesOf(composeFile: string): Record<string, unknown> | string {
  let tree: unknown
  try {
    tree = parse(composeFile, { maxAliasCount: 100, merge: true })
  } catch {
    return 'The compose file is not valid YAML.'
  }
  const services = isMap(tree) ? tree['services'] : undefined
  return isMap(services) ? services : 'The compose file has no services.'
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function dollars(text: string): string {
  return text.replaceAll('$', '$$$$')
}
