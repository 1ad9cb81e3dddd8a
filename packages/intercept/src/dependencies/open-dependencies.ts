import { planRelays } from '../discover/plan-relays.ts'
import type { PlanRelaysOptions, RelayPlan } from '../discover/planned-relay.ts'
import { redactedTable } from '../discover/redacted-table.ts'
import type { Address } from '../discover/setting.ts'
import type { CarryContext } from '../relay/carry.ts'
import type { ConnectionHandler } from '../relay/handler.ts'
import { startRelays, type Relays } from '../relay/start-relays.ts'
import { createLocalCertificate } from '../tls/local-certificate.ts'

export interface OpenDependenciesOptions extends PlanRelaysOptions {
  readonly handler: ConnectionHandler
  /** Told what a person should know, one sentence each. */
  readonly onProblem: (message: string) => void
  /** Where relays listen. Default: 127.0.0.1. */
  readonly host?: string
  /** The name by which the service reaches them. Default: `host`. */
  readonly reachedAs?: string
}

/** Everything that stands between a service and its dependencies. */
export interface OpenDependencies extends AsyncDisposable {
  /** Variables to start the service with. */
  readonly env: Readonly<Record<string, string>>
  /** One line for each setting that was rewritten: what it led to, and where it leads now. Without credentials. */
  readonly table: readonly string[]
  readonly plan: RelayPlan
  close(): Promise<void>
}

/**
 * Finds the settings that lead to dependencies, opens a relay for each, and says with which variables the service has to be
 * started for its calls to come through them.
 *
 * @throws {InterceptError} `KEPLOY_RELAY_LISTEN`
 * @example
 * const dependencies = await openDependencies({ env: process.env, handler, onProblem: console.error })
 * console.log(dependencies.table.join('\n'))
 */
export async function openDependencies(options: OpenDependenciesOptions): Promise<OpenDependencies> {
  const plan = planRelays(options)
  for (const { variable, message } of plan.problems) options.onProblem(`${variable}: ${message}`)
  const relays = startRelays({
    handler: options.handler,
    certificateFor: cachedCertificates(),
    onProblem: (route, problem) => options.onProblem(`${route.dependency}: ${problem}`),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.reachedAs !== undefined && { reachedAs: options.reachedAs }),
  })
  try {
    const addresses = await openAll(plan, relays)
    const env: Record<string, string> = {}
    for (const [index, planned] of plan.relays.entries()) Object.assign(env, planned.write(addresses[index] ?? []))
    return {
      env,
      table: redactedTable(plan.relays, addresses),
      plan,
      close: () => relays.close(),
      [Symbol.asyncDispose]: () => relays.close(),
    }
  } catch (error) {
    await relays.close()
    throw error
  }
}

async function openAll(plan: RelayPlan, relays: Relays): Promise<Address[][]> {
  const all: Address[][] = []
  for (const { dependency, protocol, targets, tls, credentials, clientTls } of plan.relays) {
    const addresses: Address[] = []
    for (const target of targets) {
      const name = targets.length === 1 || 'path' in target ? dependency : `${protocol} ${target.host}:${target.port}`
      const route = {
        dependency: name,
        protocol,
        target,
        tls,
        via: 'relay' as const,
        ...(credentials && { credentials }),
      }
      addresses.push(await relays.open(route, { clientTls }))
    }
    all.push(addresses)
  }
  return all
}

function cachedCertificates(): CarryContext['certificateFor'] {
  const made = new Map<string, ReturnType<typeof createLocalCertificate>>()
  return (host) => {
    const certificate = made.get(host) ?? createLocalCertificate({ hosts: [host, 'localhost', '127.0.0.1'] })
    made.set(host, certificate)
    return certificate
  }
}
