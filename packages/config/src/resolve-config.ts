import { join, resolve } from 'node:path'

import { resolveRun } from './resolve-run.ts'
import type { NoiseRules, Replacement, ResolvedConfig } from './resolved-config.ts'
import type { WrittenConfig } from './schema/written-config.ts'
import { newTree, type Tree } from './tree.ts'
import { parseDuration, parseSize } from './units.ts'

/**
 * Makes the configuration that everything else reads from one with every default filled in. `base` is the folder that
 * relative paths begin at.
 */
export function resolveConfig(merged: Tree, written: WrittenConfig, base: string): ResolvedConfig {
  const config = merged as unknown as Complete
  const { test, record, report, menu } = config
  const directory = resolve(base, config.path)
  const setsDirectory = join(directory, 'keploy')
  return {
    path: config.path === '' ? '.' : config.path,
    directory,
    setsDirectory,
    appName: config.appName,
    command: config.command,
    port: config.port,
    services: config.services.map((service) => ({
      name: service.name,
      command: service.command ?? '',
      port: service.port ?? 0,
      directory: resolve(base, service.path ?? ''),
      healthPath: service.healthPath ?? '',
    })),
    test: {
      selectedTests: mapValues(test.selectedTests, strings),
      ignoredTests: mapValues(test.ignoredTests, strings),
      globalNoise: {
        global: noiseRules(test.globalNoise.global),
        testSets: mapValues(test.globalNoise['test-sets'], noiseRules),
      },
      replaceWith: {
        global: replacement(test.replaceWith.global),
        testSets: mapValues(test.replaceWith['test-sets'], replacement),
      },
      delayMs: milliseconds(test.delay),
      healthUrl: test.healthUrl,
      healthPath: test.healthPath,
      healthPollTimeoutMs: milliseconds(test.healthPollTimeout),
      appReadyProbeAddr: test.appReadyProbeAddr,
      host: test.host,
      port: test.protocol.http.port || test.port,
      ssePort: test.protocol.sse.port || test.ssePort,
      apiTimeoutMs: milliseconds(test.apiTimeout),
      basePath: test.basePath,
      minPassRate: test.minPassRate,
      retries: test.retries,
      workers: test.workers,
      failFast: test.failFast,
      ignoreOrdering: test.ignoreOrdering,
      schemaMatch: test.schemaMatch,
      mocking: test.mocking,
      keepAppAlive: test.keepAppAlive || test.skipAppRestart,
    },
    record: {
      filters: record.filters.map((filter) => ({
        path: filter.path ?? '',
        host: filter.host ?? '',
        port: filter.port ?? 0,
        methods: filter.urlMethods ?? [],
        headers: filter.headers ?? {},
        matchType: filter.matchType ?? 'OR',
        policy: filter.filterPolicy ?? 'include',
      })),
      basePath: record.basePath,
      durationMs: milliseconds(record.recordTimer),
      maxTests: record.maxTests,
      bodyLimitBytes: typeof record.bodyLimit === 'number' ? record.bodyLimit : (parseSize(record.bodyLimit) ?? 0),
      fsync: record.fsync,
      listen: { host: record.listenHost, port: record.listenPort },
      dedupe: record.dedupe,
      exclude: record.exclude,
    },
    run: resolveRun(config.run, base),
    dependencies: {
      map: mapValues(config.dependencies.map, (value) => {
        if (typeof value === 'string') return { target: value }
        const { protocol, target } = value
        return { ...(protocol !== undefined && { protocol }), ...(target !== undefined && { target }) }
      }),
      ignore: strings(config.dependencies.ignore),
      bypass: config.dependencies.bypass,
      repeat: strings(config.dependencies.repeat),
      bypassRules: config.bypassRules.map((rule) => ({
        path: rule.path ?? '',
        host: rule.host ?? '',
        port: rule.port ?? 0,
      })),
      files: strings(config.dependencies.files).map((file) => resolve(directory, file)),
    },
    redact: {
      enabled: config.redact.enabled,
      headers: strings(config.redact.headers),
      jsonPaths: strings(config.redact.jsonPaths),
      keys: strings(config.redact.keys),
      patterns: strings(config.redact.patterns),
    },
    compare: config.compare,
    report: {
      ...report,
      output: report.output === '' ? '' : resolve(base, report.output),
      selectedTestSets: mapValues(report.selectedTestSets, strings),
      testCaseIDs: strings(report.testCaseIDs),
    },
    beforeSet: config.beforeSet,
    afterSet: config.afterSet,
    sets: mapValues(config.sets, (set) => ({ beforeSet: set.beforeSet ?? '', afterSet: set.afterSet ?? '' })),
    suites: mapValues(config.suites, String),
    menu: {
      title: menu.title,
      entries: menu.entries.map(({ key, title, command }) => ({ key: String(key), title, command })),
    },
    container: {
      containerName: config.containerName,
      networkName: config.networkName,
      buildDelayMs: milliseconds(config.buildDelay),
      cmdType: config.cmdType,
    },
    debug: config.debug,
    disableANSI: config.disableANSI,
    jsonOutput: config.jsonOutput,
    inCi: config.inCi,
    generateGithubActions: config.generateGithubActions,
    written,
  }
}

/** The written configuration with nothing left out; lists and maps of a person's own names keep optional fields. */
type Complete = RequiredSection<WrittenConfig> & {
  readonly test: RequiredSection<NonNullable<WrittenConfig['test']>> & {
    readonly globalNoise: RequiredSection<NonNullable<NonNullable<WrittenConfig['test']>['globalNoise']>>
    readonly replaceWith: RequiredSection<NonNullable<NonNullable<WrittenConfig['test']>['replaceWith']>>
    readonly protocol: { readonly http: { readonly port: number }; readonly sse: { readonly port: number } }
  }
  readonly record: RequiredSection<NonNullable<WrittenConfig['record']>> & {
    readonly exclude: ResolvedConfig['record']['exclude']
  }
  readonly run: RequiredSection<NonNullable<WrittenConfig['run']>>
  readonly dependencies: RequiredSection<NonNullable<WrittenConfig['dependencies']>>
  readonly redact: RequiredSection<NonNullable<WrittenConfig['redact']>>
  readonly compare: ResolvedConfig['compare']
  readonly report: RequiredSection<NonNullable<WrittenConfig['report']>>
  readonly menu: RequiredSection<NonNullable<WrittenConfig['menu']>>
}

type RequiredSection<T> = { readonly [K in keyof T as string extends K ? never : K]-?: NonNullable<T[K]> }

type NoiseInput = Readonly<Record<string, Readonly<Record<string, unknown>>>>

function noiseRules(buckets: NoiseInput): NoiseRules {
  return mapValues(buckets, (fields) => mapValues(fields, (value) => strings(Array.isArray(value) ? value : [value])))
}

function replacement(value: {
  url?: Readonly<Record<string, unknown>> | undefined
  port?: Readonly<Record<string, number>> | undefined
}): Replacement {
  return { url: mapValues(value.url ?? {}, String), port: value.port ?? {} }
}

function strings(values: readonly unknown[]): string[] {
  return values.map(String)
}

function mapValues<A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  const result = newTree() as Record<string, B>
  for (const key of Object.keys(values)) result[key] = change(values[key] as A)
  return result
}

/** Numbers are seconds, as in Keploy's file; the only number that stands for a duration with a unit is 0. */
function milliseconds(value: number | string): number {
  return typeof value === 'number' ? value * 1_000 : (parseDuration(value) ?? 0)
}
