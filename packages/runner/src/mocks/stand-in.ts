import { readSetConfig, readSidecar, type InputIssue } from '@keploy-framework/format'
import {
  createLocalCertificate,
  openDependencies,
  startRelays,
  type OpenDependencies,
  type OpenDependenciesOptions,
  type Relays,
} from '@keploy-framework/intercept'
import { BindingTable, planBindings, type RecordedCall } from '@keploy-framework/match'

import type { DependencyOptions } from '../run/run-options.ts'
import { secretValues } from '../text/secrets.ts'
import type { MissedCall } from './describe-miss.ts'
import { loadMocks } from './load-mocks.ts'
import { MockSession } from './mock-session.ts'

/** What calls belong to that no test causes. */
const EVERYTHING = ''

export interface StandInOptions {
  /** The folders of the sets whose mocks answer, the first before the others. */
  readonly sets: readonly { readonly name: string; readonly directory: string }[]
  readonly keepTiming?: boolean
  /** Recorded calls that may be answered more often than they were recorded. Default: none. */
  readonly mayRepeat?: (call: RecordedCall) => boolean
  /** Told of each call that nothing answered. */
  readonly onMiss: (miss: MissedCall) => void
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Recorded answers without tests around them. */
export interface StandIn {
  readonly session: MockSession
  readonly issues: readonly InputIssue[]
  /** What was recorded, each dependency once, with its protocol. */
  readonly dependencies: readonly {
    readonly name: string
    readonly protocol: RecordedCall['protocol']
    readonly calls: number
  }[]
}

/** Loads mocks to answer whoever asks: calls are taken in recorded order, whichever test they were recorded for. */
export async function loadStandIn(options: StandInOptions): Promise<StandIn> {
  const calls: RecordedCall[] = []
  const pushes: Awaited<ReturnType<typeof loadMocks>>['pushes'][number][] = []
  const issues: InputIssue[] = []
  const secrets: ((number: number) => string | undefined)[] = []
  for (const { name, directory } of options.sets) {
    const loaded = await loadMocks(directory, async () => [], { forAnyone: true })
    for (const call of loaded.calls) calls.push(call)
    for (const push of loaded.pushes) pushes.push(push)
    issues.push(...loaded.issues)
    const values = secretValues({
      set: name,
      file: (await readSetConfig(directory)).secrets,
      env: options.env ?? process.env,
    })
    secrets.push((number) => values.byNumber(number))
  }
  const records = (
    await Promise.all(options.sets.map(async ({ directory }) => (await readSidecar(directory)).sidecar?.secrets ?? []))
  ).flat()
  const lookup = (number: number): string | undefined =>
    secrets.map((find) => find(number)).find((value) => value !== undefined)
  const session = new MockSession(
    { calls, pushes, issues, skipped: new Map() },
    {
      onMiss: options.onMiss,
      ...(options.keepTiming !== undefined && { keepTiming: options.keepTiming }),
      ...(options.mayRepeat !== undefined && { mayRepeat: options.mayRepeat }),
    },
  )
  session.begin(EVERYTHING, new BindingTable(planBindings([]), { lookup, secrets: records }))
  return { session, issues, dependencies: dependenciesOf(calls) }
}

function dependenciesOf(calls: readonly RecordedCall[]): StandIn['dependencies'] {
  const counted = new Map<string, { name: string; protocol: RecordedCall['protocol']; calls: number }>()
  for (const { dependency, protocol } of calls) {
    const known = counted.get(dependency) ?? { name: dependency, protocol, calls: 0 }
    known.calls += 1
    counted.set(dependency, known)
  }
  return [...counted.values()]
}

/** Puts recorded answers behind the settings of a program, such as somebody's own test runner. */
export async function openStandIn(
  standIn: StandIn,
  discover: DependencyOptions['discover'],
  onProblem: (message: string) => void,
  where: Partial<OpenDependenciesOptions> = {},
): Promise<OpenDependencies> {
  return await openDependencies({
    ...discover,
    env: discover.env ?? process.env,
    ...where,
    handler: standIn.session.handler,
    onProblem,
    agreed: (dependency) => standIn.session.agreed(dependency),
  })
}

/** A dependency that is served on a port of its own. */
export interface ServedDependency {
  readonly name: string
  readonly protocol: RecordedCall['protocol']
  readonly host: string
  readonly port: number
}

/** Serves recorded dependencies on ports, each on its own, for whoever connects. */
export async function serveStandIn(
  standIn: StandIn,
  options: {
    readonly host?: string
    /** Ports by the name of the dependency; the others get any free one. */
    readonly ports?: Readonly<Record<string, number>>
    readonly onProblem: (message: string) => void
  },
): Promise<{ readonly served: readonly ServedDependency[]; readonly relays: Relays }> {
  const relays = startRelays({
    handler: standIn.session.handler,
    certificateFor: (host) => createLocalCertificate({ hosts: [host, 'localhost', '127.0.0.1'] }),
    onProblem: (_route, problem) => options.onProblem(problem),
    ...(options.host !== undefined && { host: options.host }),
  })
  const served: ServedDependency[] = []
  try {
    for (const { name, protocol } of standIn.dependencies) {
      const port = options.ports?.[name]
      const address = await relays.open(
        { dependency: name, protocol, target: targetOf(name), tls: { mode: 'off' }, via: 'relay' },
        port === undefined ? {} : { port },
      )
      served.push({ name, protocol, ...address })
    }
    return { served, relays }
  } catch (error) {
    await relays.close()
    throw error
  }
}

/** Only names the relay: a replay contacts nobody. */
function targetOf(name: string): { readonly host: string; readonly port: number } {
  const [, scheme = '', host = name, port] = /^(\S+) (.*?)(?::(\d+))?$/.exec(name) ?? []
  return { host, port: Number(port ?? { http: 80, https: 443 }[scheme] ?? 0) }
}
