import { chmod, mkdtemp, rm } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { watchBypass, type Bypass, type BypassWatch } from '../bypass/watch-bypass.ts'
import { createLocalCa } from '../ca/local-ca.ts'
import { trustedRoots, writeTrustFiles } from '../ca/trust-files.ts'
import { trustVariables } from '../ca/trust-variables.ts'
import { originalSettings, planRelays } from '../discover/plan-relays.ts'
import type { PlanRelaysOptions, RelayPlan } from '../discover/planned-relay.ts'
import { redactedTable } from '../discover/redacted-table.ts'
import type { Address } from '../discover/setting.ts'
import { startHook } from '../hook/start-hook.ts'
import { proxyVariables } from '../proxy/proxy-variables.ts'
import { startProxy, type Proxy } from '../proxy/start-proxy.ts'
import type { ConnectionHandler, Route, TlsPolicy } from '../relay/handler.ts'
import { startRelays, type Relays } from '../relay/start-relays.ts'

export interface OpenDependenciesOptions extends PlanRelaysOptions {
  readonly handler: ConnectionHandler
  /** Told what a person should know, one sentence each. */
  readonly onProblem: (message: string) => void
  /** Carry calls to HTTP and HTTPS APIs too, through a proxy. Default: true. */
  readonly proxy?: boolean
  /**
   * Hook Node processes: they have the settings that they had, TLS is seen in plain text, and each call is followed to the
   * request that caused it. Relays and proxy are there for processes that are not hooked. Default: false.
   */
  readonly hook?: boolean
  /** Major versions of Node to hook. Default: `COVERED_NODE_MAJORS`. */
  readonly nodes?: readonly number[]
  /** In a replay, what was agreed with a server (ALPN), `h2` for example. */
  readonly agreed?: (dependency: string) => string | undefined
  /** Where relays and proxy listen. Default: 127.0.0.1. */
  readonly host?: string
  /** The name by which the service reaches them. Default: `host`. */
  readonly reachedAs?: string
  /** Finds the address of a server by its name. Default: as this machine does; names of containers are not known to it. */
  readonly lookup?: LookupFunction
  /** Whether the service runs as somebody else, who needs to read the certificates too. Default: false. */
  readonly shared?: boolean
}

/** Everything that stands between a service and its dependencies. */
export interface OpenDependencies extends AsyncDisposable {
  /** Variables to start the service with. */
  readonly env: Readonly<Record<string, string>>
  /** One line for each setting that was rewritten: what it led to, and where it leads now. Without credentials. */
  readonly table: readonly string[]
  readonly plan: RelayPlan
  /** The folder with the certificates of this run. */
  readonly folder?: string
  /** Watches a service for connections that go around us. They can be seen on Linux. */
  watch(pid: number, onBypass: (bypass: Bypass) => void): BypassWatch
  /** Resolves when what was read and written so far has reached the handler. */
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * Finds the settings that lead to dependencies, opens a relay for each and a proxy for HTTP APIs (and with `hook` the Node
 * hook, whose processes need neither), and says with which variables the service has to be started for its calls to come through them.
 *
 * @throws {InterceptError} `KEPLOY_RELAY_LISTEN`, `KEPLOY_PROXY_LISTEN`, `KEPLOY_CA_WRITE`
 * @example
 * const dependencies = await openDependencies({ env: process.env, handler, onProblem: console.error })
 * console.log(dependencies.table.join('\n'))
 */
export async function openDependencies(options: OpenDependenciesOptions): Promise<OpenDependencies> {
  return options.hook === true ? await openHook(options) : await openRelays(options)
}

const NOT_WATCHED: BypassWatch = {
  sees: false,
  look: async () => undefined,
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
}

/** Relays stand by for what is not hooked: other versions of Node, and programs that are none. */
async function openHook(options: OpenDependenciesOptions): Promise<OpenDependencies> {
  const relays = await openRelays(options)
  const { plan, table } = relays
  const hook = await startHook({
    handler: withCredentials(options.handler, plan),
    onProblem: options.onProblem,
    originals: options.env,
    fileSettings: originalSettings(options),
    relayEnv: forUnhooked(relays.env),
    bypass: relays.addresses.map(({ host, port }) => `${host}:${port}`),
    ...(options.bypassRules !== undefined && { bypassRules: options.bypassRules }),
    ...(options.nodes !== undefined && { nodes: options.nodes }),
    ...(options.env['NODE_OPTIONS'] !== undefined && { nodeOptions: options.env['NODE_OPTIONS'] }),
  }).catch(async (error: unknown) => {
    await relays.close()
    throw error
  })
  const close = async (): Promise<void> => {
    await hook.close()
    await relays.close()
    if (hook.versions.length === 0)
      options.onProblem(
        'No Node process was hooked: what was called went through relays. Leave --hook out for this service.',
      )
  }
  return {
    ...relays,
    env: hook.env,
    table: [
      'Node processes are hooked: every connection that they open is seen. All others go by these relays:',
      ...table,
    ],
    // A recording sees the real connections of hooked processes: they go where they always went.
    watch: (pid, onBypass) => (options.handler.mode === 'record' ? NOT_WATCHED : relays.watch(pid, onBypass)),
    flush: () => hook.flush(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Node reads this one before the hook is there to take it back; an unhooked Node is told of the proxy by the preload. */
function forUnhooked(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'NODE_USE_ENV_PROXY'))
}

/** Connections of hooked processes carry no settings: what they log in with is that of the setting that leads where they do. */
function withCredentials(handler: ConnectionHandler, { relays }: RelayPlan): ConnectionHandler {
  if (handler.mode === 'record') return handler
  const credentials = new Map<string, Route['credentials']>()
  for (const { targets, credentials: known } of relays) {
    for (const target of targets) if (known !== undefined) credentials.set(targetKey(target), known)
  }
  return {
    mode: 'replay',
    serve(route, client) {
      const known = credentials.get(targetKey(route.target))
      return handler.serve(known === undefined ? route : { ...route, credentials: known }, client)
    },
  }
}

const targetKey = (target: Route['target']): string =>
  'path' in target ? target.path : `${target.host === 'localhost' ? '127.0.0.1' : target.host}:${target.port}`

async function openRelays(
  options: OpenDependenciesOptions,
): Promise<OpenDependencies & { readonly addresses: readonly Address[] }> {
  const plan = planRelays(options)
  for (const { variable, message } of plan.problems) options.onProblem(`${variable}: ${message}`)
  const ca = createLocalCa(options.reachedAs === undefined ? {} : { reachedAs: [options.reachedAs] })
  const shared = {
    handler: options.handler,
    certificateFor: ca.certificateFor,
    onProblem: (route: { readonly dependency: string }, problem: string) =>
      options.onProblem(`${route.dependency}: ${problem}`),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.reachedAs !== undefined && { reachedAs: options.reachedAs }),
    ...(options.lookup !== undefined && { lookup: options.lookup }),
  }
  const relays = startRelays(shared)
  const own = isAllowed(options)
  const folder = await mkdtemp(join(tmpdir(), 'keploy-ca-'))
  let proxy: Proxy | undefined
  const close = async (): Promise<void> => {
    await Promise.all([relays.close(), proxy?.close()])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const files = await writeTrustFiles({ cert: ca.cert, folder, env: options.env })
    if (options.shared === true) await chmod(folder, 0o755)
    const trusted = await trustedRoots(options.env)
    const addresses = await openAll(plan, relays, trusted)
    const env: Record<string, string> = trustVariables(files, options.env)
    if (options.proxy !== false) {
      proxy = await startProxy({
        ...shared,
        trusted,
        // A container reaches relays by a name that is not local to it, so that its calls to them come through the proxy.
        bypass: (host, port) => relays.has(host, port) || own(host, port),
        ...(options.agreed !== undefined && { agreed: options.agreed }),
      })
      Object.assign(env, proxyVariables(proxy.address, { ...options.env, ...env }))
    }
    for (const [index, planned] of plan.relays.entries()) {
      Object.assign(env, planned.write(addresses[index] ?? [], { file: files.authority }))
    }
    // libpq would take a relay that ends TLS for an attack: it can't bind the login to a certificate of ours.
    if (plan.relays.some(({ protocol }) => protocol === 'postgres')) env['PGCHANNELBINDING'] = 'disable'
    const through = proxy?.address
    return {
      env,
      table: redactedTable(plan.relays, addresses),
      plan,
      folder,
      addresses: [...addresses.flat(), ...(through === undefined ? [] : [through])],
      watch: (pid, onBypass) =>
        watchBypass({
          pid,
          allowed: (host, port) => relays.has(host, port) || port === through?.port || own(host, port),
          onBypass,
        }),
      flush: async () => undefined,
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function isAllowed({ bypass }: OpenDependenciesOptions): (host: string, port: number) => boolean {
  return (host, port) => bypass?.(host, port) === true
}

/** What a client trusts that is not told whom to trust. */
function withRoots(tls: TlsPolicy, trusted: string): TlsPolicy {
  const checks = tls.verify ?? tls.mode === 'direct'
  return checks && tls.ca === undefined ? { ...tls, ca: trusted } : tls
}

async function openAll(plan: RelayPlan, relays: Relays, trusted: string): Promise<Address[][]> {
  const all: Address[][] = []
  for (const { dependency, protocol, targets, tls, credentials, clientTls } of plan.relays) {
    const addresses: Address[] = []
    // A list of servers is one dependency: in a replay any of them may be asked for what any of them has.
    for (const target of targets) {
      const reached = { target, tls: withRoots(tls, trusted), via: 'relay' as const }
      const route = { dependency, protocol, ...reached, ...(credentials && { credentials }) }
      addresses.push(await relays.open(route, { clientTls }))
    }
    all.push(addresses)
  }
  return all
}
