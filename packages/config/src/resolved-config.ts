import type { ProtocolName } from '@keploy-framework/format'

import type { WrittenConfig } from './schema/written-config.ts'

/** Noise of one scope: bucket (`body`, `header`, `url`, `requestbody`) to field to patterns; an empty list accepts any value. */
export type NoiseRules = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** Where recorded requests are sent instead. */
export interface Replacement {
  readonly url: Readonly<Record<string, string>>
  readonly port: Readonly<Record<string, number>>
}

/** Which requests become tests. Empty fields set no condition. */
export interface RecordFilter {
  readonly path: string
  readonly host: string
  readonly port: number
  readonly methods: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly matchType: 'OR' | 'AND'
  readonly policy: 'include' | 'exclude'
}

/** A variable that leads to a dependency. */
export interface MappedDependency {
  readonly protocol?: ProtocolName
  /** `host:port`, or a URL. */
  readonly target?: string
}

/** Calls that are neither recorded nor mocked: regular expressions, empty for any; port 0 is any. */
export interface BypassRule {
  readonly path: string
  readonly host: string
  readonly port: number
}

/** One of several services in a repository. */
export interface ServiceConfig {
  readonly name: string
  readonly command: string
  readonly port: number
  /** Absolute folder that holds the service's `keploy/`. */
  readonly directory: string
  readonly healthPath: string
}

/** Tests that one runner runs. */
export interface RunProjectConfig {
  readonly name: string
  readonly kind: 'vitest' | 'node-test' | 'jest' | 'pytest' | 'command' | 'recorded'
  /** Empty: the usual ones of its kind. */
  readonly files: readonly string[]
  readonly exclude: readonly string[]
  readonly category?: 'unit' | 'integration' | 'e2e' | 'mission_critical' | 'performance'
  readonly markers: readonly string[]
  readonly command: string
  /** For `recorded`: a name among `services`; empty: the one of the file. */
  readonly service: string
  /** Absolute. */
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  readonly critical: boolean
  /** 0: that of `run`. */
  readonly timeoutMs: number
  readonly report: string
  readonly coverage: string
}

export interface MenuEntry {
  readonly key: string
  readonly title: string
  readonly command: string
}

/**
 * The configuration that everything else reads: complete, units in the names, text `''` and port `0` where there is
 * none. Times are milliseconds, sizes bytes.
 */
export interface ResolvedConfig {
  /** As written; `.` when empty. */
  readonly path: string
  /** Absolute folder that holds `keploy/`. */
  readonly directory: string
  /** Absolute folder of test sets: `keploy` in `directory`. */
  readonly setsDirectory: string
  readonly appName: string
  readonly command: string
  readonly port: number
  readonly services: readonly ServiceConfig[]
  readonly test: {
    readonly selectedTests: Readonly<Record<string, readonly string[]>>
    readonly ignoredTests: Readonly<Record<string, readonly string[]>>
    readonly globalNoise: { readonly global: NoiseRules; readonly testSets: Readonly<Record<string, NoiseRules>> }
    readonly replaceWith: { readonly global: Replacement; readonly testSets: Readonly<Record<string, Replacement>> }
    readonly delayMs: number
    readonly healthUrl: string
    readonly healthPath: string
    readonly healthPollTimeoutMs: number
    readonly appReadyProbeAddr: string
    readonly host: string
    /** Port to send to: `protocol.http.port`, else `port`; 0 means that of the service. */
    readonly port: number
    readonly ssePort: number
    readonly apiTimeoutMs: number
    readonly basePath: string
    readonly minPassRate: number
    readonly retries: number
    readonly workers: number
    readonly failFast: boolean
    readonly ignoreOrdering: boolean
    readonly schemaMatch: boolean
    /** One process of the service for all sets. */
    /** Whether the calls of the service are answered from mocks where a set has some. */
    readonly mocking: boolean
    readonly keepAppAlive: boolean
  }
  readonly record: {
    readonly filters: readonly RecordFilter[]
    readonly basePath: string
    /** 0 is no limit. */
    readonly durationMs: number
    /** 0 is no limit. */
    readonly maxTests: number
    readonly bodyLimitBytes: number
    readonly fsync: 'never' | 'interval' | 'always'
    readonly listen: { readonly host: string; readonly port: number }
    readonly dedupe: boolean
    readonly exclude: {
      readonly healthChecks: boolean
      readonly assets: boolean
      readonly preflights: boolean
      readonly paths: readonly string[]
    }
  }
  readonly run: {
    /** Empty: they are looked for. */
    readonly projects: readonly RunProjectConfig[]
    /** As written; `run` checks it. */
    readonly quarantine: readonly { readonly test?: string; readonly reason?: string; readonly until?: string }[]
    /** Absolute path of a file with more; empty when there is none. */
    readonly quarantineFile: string
    /** 0: one for each processor. */
    readonly workers: number
    /** In percent; 0 is no bar. */
    readonly coverageThreshold: number
    readonly budgetMs: number
  }
  readonly dependencies: {
    /** By the name of the variable. */
    readonly map: Readonly<Record<string, MappedDependency>>
    readonly ignore: readonly string[]
    /** Hosts, with or without a port, `*` for anything. */
    readonly bypass: readonly string[]
    /** Calls that may be answered more often than they were recorded; `*` for anything. */
    readonly repeat: readonly string[]
    readonly bypassRules: readonly BypassRule[]
    /** Absolute paths of files of variables; a later one wins. */
    readonly files: readonly string[]
  }
  readonly redact: {
    readonly enabled: boolean
    readonly headers: readonly string[]
    readonly jsonPaths: readonly string[]
    readonly keys: readonly string[]
    readonly patterns: readonly string[]
  }
  readonly compare: { readonly looseNoise: boolean }
  readonly report: {
    readonly reporters: readonly ('pretty' | 'json' | 'junit' | 'html' | 'github')[]
    /** Absolute folder for the files of reporters; empty when none is named. */
    readonly output: string
    readonly selectedTestSets: Readonly<Record<string, readonly string[]>>
    readonly testCaseIDs: readonly string[]
    readonly showFullBody: boolean
    readonly reportPath: string
    readonly summary: boolean
    readonly format: string
  }
  readonly beforeSet: string
  readonly afterSet: string
  /** What differs for one set; an absent or empty command means the one for all sets. */
  readonly sets: Readonly<Record<string, { readonly beforeSet: string; readonly afterSet: string }>>
  readonly suites: Readonly<Record<string, string>>
  readonly menu: { readonly title: string; readonly entries: readonly MenuEntry[] }
  readonly container: {
    readonly containerName: string
    readonly networkName: string
    readonly buildDelayMs: number
    readonly cmdType: 'native' | 'docker-run' | 'docker-start' | 'docker-compose'
  }
  readonly debug: boolean
  readonly disableANSI: boolean
  readonly jsonOutput: boolean
  readonly inCi: boolean
  readonly generateGithubActions: boolean
  /** Everything that was written, merged, with keys that nothing here needs. */
  readonly written: WrittenConfig
}
