import type { Route } from '../relay/handler.ts'
import { apiName } from './api-name.ts'
import { readPair } from './conventions.ts'
import { expandDotenv } from './dotenv.ts'
import { parseHosts } from './hosts.ts'
import type { DiscoverProblem, MappedVariable, PlannedRelay, PlanRelaysOptions, RelayPlan } from './planned-relay.ts'
import { readSetting } from './read-setting.ts'
import { hostText, type Setting, type SettingContext } from './setting.ts'
import { splitUrl } from './split-url.ts'
import { srvName } from './srv-url.ts'

/** Longer values are no settings of a connection. */
const MAX_VALUE = 16_384

interface Variable {
  readonly name: string
  readonly value: string
  readonly origin: string
}

/**
 * Finds the settings that lead to dependencies in the environment and in `.env` files, and says which relays they need
 * and how they are to be written then. Pure: nothing is resolved, opened or changed.
 *
 * @example
 * const { relays } = planRelays({ env: { DATABASE_URL: 'postgres://app:secret@db/shop' } })
 * relays[0]?.dependency // 'postgres db:5432'
 * relays[0]?.write([{ host: '127.0.0.1', port: 41873 }]) // { DATABASE_URL: 'postgres://app:secret@127.0.0.1:41873/shop' }
 */
export function planRelays(options: PlanRelaysOptions): RelayPlan {
  const variables = collect(options)
  const context: SettingContext = {
    variable: (name) => variables.get(name)?.value,
    readFile: options.readFile ?? (() => undefined),
    srv: options.srv ?? new Map(),
  }
  const relays: PlannedRelay[] = []
  const problems: DiscoverProblem[] = []
  const ignored = new Set(options.ignore)
  for (const variable of variables.values()) {
    const mapped = mappingOf(options, variable.name)
    if (ignored.has(variable.name) || variable.value.length > MAX_VALUE) continue
    if (variable.value.trim() === '' && mapped?.target === undefined) continue
    const found = read(variable, mapped, context)
    if (found === undefined) continue
    if (typeof found === 'string') {
      problems.push({
        variable: variable.name,
        origin: variable.origin,
        message: `${variable.name} is left alone: ${found}.`,
      })
    } else if (!bypassed(found.targets, options)) relays.push(found)
  }
  const proxy = upstreamProxy(variables)
  return { relays, problems, ...(proxy !== undefined && { proxy }) }
}

/**
 * The names of `mongodb+srv:` that settings hold, for a resolver; what it finds goes into `planRelays` as `srv`.
 *
 * @example
 * srvNames({ env: { MONGO_URL: 'mongodb+srv://cluster0.example.net/shop' } }) // ['cluster0.example.net']
 */
export function srvNames(options: PlanRelaysOptions): string[] {
  const names = [...collect(options).values()].flatMap(({ value }) => srvName(value) ?? [])
  return [...new Set(names)]
}

/** What the service reads where nothing leads it elsewhere: its environment, and below it what its `.env` files say. */
export function originalSettings(options: PlanRelaysOptions): Record<string, string> {
  const known = [...collect({ ...options, map: {} }).values()]
  return Object.fromEntries(known.map(({ name, value }) => [name, value]))
}

/** Every variable that the service will see. A variable of the environment goes before one of a file. */
function collect({ env, envFiles = [], map = {} }: PlanRelaysOptions): Map<string, Variable> {
  const variables = new Map<string, Variable>()
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) variables.set(name, { name, value, origin: 'environment' })
  }
  for (const [name, { value, file }] of expandDotenv(envFiles, env)) {
    if (!variables.has(name)) variables.set(name, { name, value, origin: file })
  }
  for (const name of Object.keys(map)) {
    if (!variables.has(name)) variables.set(name, { name, value: '', origin: 'keploy.yml' })
  }
  return variables
}

function mappingOf({ map = {} }: PlanRelaysOptions, name: string): MappedVariable | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

/** A relay, the reason why there is none, or nothing where the variable has nothing to do with dependencies. */
function read(
  variable: Variable,
  mapped: MappedVariable | undefined,
  context: SettingContext,
): PlannedRelay | string | undefined {
  const { name, value, origin } = variable
  const setting = readSetting(name, value, mapped, context)
  if (setting !== undefined) {
    if ('problem' in setting) return setting.problem
    const companions = setting.credentials === undefined ? companion(name, context) : undefined
    return planned(
      name,
      mapped?.target === undefined ? origin : 'keploy.yml',
      { ...setting, ...companions },
      (addresses, ca) => ({
        [name]: setting.write(addresses, ca),
      }),
    )
  }
  const pair = readPair(name, value, context)
  if (pair === undefined) return undefined
  if ('problem' in pair) return pair.problem
  const portIsSet = context.variable(pair.names[1]) !== undefined
  return planned(portIsSet ? pair.names.join(', ') : name, origin, pair.setting, pair.write)
}

function planned(
  source: string,
  origin: string,
  { protocol, targets, label, tls, clientTls, credentials }: Omit<Setting, 'write'>,
  write: PlannedRelay['write'],
): PlannedRelay {
  const [first] = targets
  const api = protocol === 'http' && targets.length === 1 && first !== undefined && 'host' in first ? first : undefined
  const dependency =
    api === undefined
      ? `${protocol} ${label ?? targets.map(targetText).join(',')}`
      : apiName(tls.mode === 'direct', api)
  return { source, origin, dependency, protocol, targets, tls, clientTls, ...(credentials && { credentials }), write }
}

function targetText(target: Route['target']): string {
  return 'path' in target ? target.path : `${hostText(target.host)}:${target.port}`
}

/** What `SPRING_DATASOURCE_URL` logs in with stands in `SPRING_DATASOURCE_USERNAME`. */
function companion(name: string, { variable }: SettingContext): Pick<Setting, 'credentials'> {
  const stem = name.replace(/_(URL|URI|DSN)$/, '')
  const username = variable(`${stem}_USERNAME`) ?? variable(`${stem}_USER`)
  const password = variable(`${stem}_PASSWORD`)
  if (stem === name || (username === undefined && password === undefined)) return {}
  return { credentials: { username: username ?? '', password: password ?? '' } }
}

function bypassed(targets: PlannedRelay['targets'], { bypass }: PlanRelaysOptions): boolean {
  if (bypass === undefined) return false
  return targets.every((target) => 'host' in target && bypass(target.host, target.port))
}

function upstreamProxy(variables: ReadonlyMap<string, Variable>): RelayPlan['proxy'] {
  for (const source of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) {
    const value = variables.get(source)?.value
    if (value === undefined || value === '') continue
    const hosts = splitUrl(value)?.hosts.text ?? value
    const address = parseHosts(hosts, 80)?.[0]
    if (address !== undefined) return { source, address }
  }
  return undefined
}
