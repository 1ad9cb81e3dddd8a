import type { LookupFunction } from 'node:net'

import type { PlanRelaysOptions } from '@keploy-framework/intercept'
import type { NoiseBuckets, RecordedCall } from '@keploy-framework/match'
import type { Redactor } from '@keploy-framework/redact'
import type { CompareOptions } from '@keploy-framework/validator'

import type { ReadinessOptions } from '../service/service.ts'

/** How the service under test is started. */
export interface RunServiceOptions {
  /** A string is given to the shell; a list is a program and its arguments. */
  readonly command: string | readonly string[]
  /** Default: the current folder. */
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly readiness?: ReadinessOptions
  /** Milliseconds between SIGTERM and SIGKILL. Default: 5,000. */
  readonly stopGraceMs?: number
  /** One process for all sets instead of a fresh one per set. Default: false. */
  readonly keepAlive?: boolean
  /** How it is started and ended where it runs in a container. Default: with `command`. */
  readonly container?: ContainerOptions
}

/** Commands around each set; they come from the configuration, so they are trusted. */
export interface SetHooks {
  readonly beforeSet?: string
  readonly afterSet?: string
}

/** A service in a container: it reaches us by another name, and its variables are not those of the command. */
export interface ContainerOptions {
  /** Where relays and proxy listen. */
  readonly host: string
  /** By what name the container reaches them. */
  readonly reachedAs: string
  /** Finds the address of a server by the name that the container uses. */
  readonly lookup: LookupFunction
  /** The command that starts the container with these variables, and reads the certificates in this folder. No folder: there are no relays. */
  launch(
    env: Readonly<Record<string, string>>,
    folder: string | undefined,
  ): Promise<{
    readonly command: readonly string[]
    readonly env: Readonly<Record<string, string>>
    /** What keeps the container from being up, while something does. */
    waitsFor(): Promise<string | undefined>
    /** Ends the container. */
    stop(): Promise<void>
  }>
}

/** How the service's dependencies are stood in for. Absent: it reaches the real ones. */
export interface DependencyOptions {
  /** Where settings of dependencies are looked for, and what is left alone. */
  readonly discover: Omit<PlanRelaysOptions, 'env'> & { readonly env?: PlanRelaysOptions['env'] }
  /** Let the service reach its real dependencies, and add the calls that the recording does not have. Default: false. */
  readonly recordMissing?: boolean
  /** Where relays listen for a service in a container. Default: on this machine. */
  readonly container?: ContainerOptions
  /** Hook Node processes in place of relays and proxy. Default: false. */
  readonly hook?: boolean
  /** Carry calls to HTTP APIs through a proxy. Default: true. */
  readonly proxy?: boolean
  /** A recorded call that nothing asked for fails the run. Default: false. */
  readonly strictUnused?: boolean
  /** Keep the delays of recorded streams. Default: false. */
  readonly keepTiming?: boolean
  /** Recorded calls that may be answered more often than they were recorded. Default: none. */
  readonly mayRepeat?: (call: RecordedCall) => boolean
}

export interface RunOptions {
  /** Where requests go, for example `http://127.0.0.1:8000`. Only this decides; recorded hosts are never contacted. */
  readonly url: string
  /** Starts the service. Absent: what runs at `url` is tested. */
  readonly service?: RunServiceOptions
  /** Milliseconds one test may take. Default: 5,000. */
  readonly testTimeoutMs?: number
  /** Milliseconds the whole run may take; then its status is `timed-out`. Default: no limit. */
  readonly runTimeoutMs?: number
  /** How often a failed test is tried again, with the tests that it needs. Default: 0. */
  readonly retries?: number
  /** Stops after the first test that did not pass; the rest is reported as skipped. Default: false. */
  readonly failFast?: boolean
  /** Requests under way at once. More than 1 needs `independent`. Default: 1. */
  readonly workers?: number
  /** Says that tests which share no value don't depend on each other. Default: false. */
  readonly independent?: boolean
  /** Share of tests that has to pass, 0 to 1. Default: 1. */
  readonly minPassRate?: number
  /** Runs the scripts and the command that a set itself names. Default: false. */
  readonly allowScripts?: boolean
  readonly dependencies?: DependencyOptions
  /** What the command line said of the service, for the command that a missed call is accepted with. Default: nothing. */
  readonly acceptArguments?: readonly string[]
  readonly hooks?: SetHooks
  /** Hooks of single sets, by name; they replace the general ones. */
  readonly setHooks?: Readonly<Record<string, SetHooks>>
  /** Where hooks and scripts run. Default: the current folder. */
  readonly cwd?: string
  readonly noise?: { readonly global?: NoiseBuckets; readonly sets?: Readonly<Record<string, NoiseBuckets>> }
  /** Keploy's looser noise semantics. Default: false. */
  readonly looseNoise?: boolean
  readonly compare?: CompareOptions
  /** Cleans everything that leaves the run. Default: a redactor with its default rules. */
  readonly redactor?: Redactor
  /** Where secrets are looked up. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Suites by glob of a route's path; what none matches is named after its route. */
  readonly suites?: Readonly<Record<string, string>>
  /** Bytes of a response body that are read at most. Default: 64 MiB. */
  readonly bodyLimit?: number
  /** Interrupts the run: the service is stopped, and what was done is reported. */
  readonly signal?: AbortSignal
  /** The clock of events, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number
}
