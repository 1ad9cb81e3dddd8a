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
  const { hostGateway = 'host-gateway', folder } = options
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
  }
  return { yaml: stringify({ services: { [options.service]: service } }, { lineWidth: 0 }) }
}

/**
 * The environment that a compose file gives to a service, for `planRelays`: with `$NAME` and `${NAME:-default}` replaced
 * from `env`. What `env_file` names is not read.
 *
 * @example
 * composeEnvironment('services: { shop: { environment: { PGHOST: db } } }', 'shop', {}) // { PGHOST: 'db' }
 */
export function composeEnvironment(
  composeFile: string,
  service: string,
  env: Readonly<Record<string, string | undefined>>,
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
  for (const [name, value] of pairs) {
    const text = value === undefined || value === null ? env[name] : replaced(scalar(value), env)
    if (text !== undefined) Object.defineProperty(result, name, { value: text, enumerable: true })
  }
  return result
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
  let tree: unknown
  try {
    tree = parse(composeFile, { maxAliasCount: 100, merge: true })
  } catch {
    return 'The compose file is not valid YAML.'
  }
  const services = isMap(tree) ? tree['services'] : undefined
  if (!isMap(services)) return 'The compose file has no services.'
  const found = Object.hasOwn(services, service) ? services[service] : undefined
  if (found === undefined) {
    return `The compose file has no service ${JSON.stringify(service)}; it has ${Object.keys(services).slice(0, 20).join(', ')}.`
  }
  return isMap(found) ? found : {}
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function dollars(text: string): string {
  return text.replaceAll('$', '$$$$')
}
