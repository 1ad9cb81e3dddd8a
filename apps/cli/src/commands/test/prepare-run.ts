import { relative, resolve } from 'node:path'

import type { ResolvedConfig, ServiceConfig } from '@keploy-framework/config'
import type { RunOptions, Selection } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import type { OptionValues } from '../../cli/command.ts'
import { serviceCommand } from '../../cli/service-command.ts'
import { suggest } from '../../cli/suggest.ts'
import { HELD_MS, type Container } from '../../container/plan-container.ts'
import type { testOptions } from './test-options.ts'

export type TestOptionValues = OptionValues<typeof testOptions>

/** A run, decided but not started. */
export interface PreparedRun {
  /** Absolute folder of sets. */
  readonly directory: string
  /** The same as seen from the working folder, for people. */
  readonly shownDirectory: string
  readonly selection: Selection
  readonly run: RunOptions
}

/** The settings that the command line has and keploy.yml too, by path. */
export function testFlags(options: TestOptionValues): Record<string, unknown> {
  return {
    'test.apiTimeout': options.timeout === undefined ? undefined : options.timeout / 1000,
    'test.healthPollTimeout': options['ready-timeout'] === undefined ? undefined : `${options['ready-timeout']}ms`,
    'test.healthPath': options['health-path'],
    'test.minPassRate': options['min-pass-rate'],
    'test.retries': options.retries,
    'test.workers': options.workers,
    'test.failFast': options['fail-fast'],
  }
}

/** Decides what a replay does, from the configuration and the command line. */
export function prepareRun(
  config: ResolvedConfig,
  options: TestOptionValues,
  context: {
    readonly rest: readonly string[]
    readonly cwd: string
    readonly signal: AbortSignal
    readonly container?: Container | undefined
  },
): PreparedRun {
  const { container } = context
  const service = chooseService(config, options.compose === undefined ? options.service : undefined)
  const command = container?.command ?? serviceCommand(context.rest, options.command, service ?? config)
  if (options.url !== undefined && (context.rest.length > 0 || options.command !== undefined)) {
    throw new CliError('KEPLOY_USAGE', '--url and a command are both given.', {
      hint: 'Use --url for a service that runs already, or a command to start one.',
    })
  }
  const directory = options.dir ? resolve(context.cwd, options.dir) : setsOf(config, service)
  const port = options.port ?? (service?.port || config.test.port || container?.port || config.port || 8000)
  const host = config.test.host && config.test.host !== 'localhost' ? config.test.host : '127.0.0.1'
  const url = options.url ?? (config.test.basePath || `http://${host}:${port}`)
  const starts = command !== undefined && options.url === undefined && config.test.basePath === ''
  return {
    directory,
    shownDirectory: relative(context.cwd, directory) || '.',
    selection: {
      testSets: options['test-sets'] ?? [],
      tests: options.tests ?? [],
      tags: options.tags ?? [],
      selected: config.test.selectedTests,
      ignored: config.test.ignoredTests,
    },
    run: {
      url,
      ...(starts ? { service: serviceOptions(command, port, config, service, context.cwd, container) } : {}),
      testTimeoutMs: config.test.apiTimeoutMs,
      retries: config.test.retries,
      failFast: config.test.failFast,
      workers: config.test.workers,
      // Asking for workers is the declaration that tests which share no value are independent.
      independent: config.test.workers > 1,
      minPassRate: config.test.minPassRate,
      allowScripts: options['allow-scripts'] ?? false,
      hooks: { beforeSet: config.beforeSet, afterSet: config.afterSet },
      setHooks: config.sets,
      cwd: context.cwd,
      noise: { global: config.test.globalNoise.global, sets: config.test.globalNoise.testSets },
      looseNoise: config.compare.looseNoise,
      compare: { ignoreOrdering: config.test.ignoreOrdering, schemaMatch: config.test.schemaMatch },
      suites: config.suites,
      signal: context.signal,
      acceptArguments: acceptArguments(options, context.rest),
    },
  }
}

/** What the command line said of the service and its sets, to say it again. */
function acceptArguments(
  options: TestOptionValues & { readonly config?: string | undefined },
  rest: readonly string[],
): string[] {
  const named = ['config', 'dir', 'service', 'compose', 'port', 'command', 'health-path'] as const
  const given = named.flatMap((name) => (options[name] === undefined ? [] : [`--${name}`, String(options[name])]))
  return [...given, ...(options.hook === true ? ['--hook'] : []), ...(rest.length > 0 ? ['--', ...rest] : [])]
}

/** The service that is meant; the only one when there is just one, none when the configuration lists none. */
export function chooseService(config: ResolvedConfig, name: string | undefined): ServiceConfig | undefined {
  const { services } = config
  if (name === undefined) return services.length === 1 ? services[0] : undefined
  const found = services.find((service) => service.name === name)
  if (found) return found
  const close = suggest(
    name,
    services.map((service) => service.name),
  )
  throw new CliError('KEPLOY_BAD_OPTION', `There is no service "${name}" in keploy.yml.`, {
    hint: close ? `Did you mean ${close}?` : 'List it under "services".',
  })
}

/** The folder of sets of a service, or of the project. */
export function setsOf(config: ResolvedConfig, service: ServiceConfig | undefined): string {
  return service ? resolve(service.directory, 'keploy') : config.setsDirectory
}

function serviceOptions(
  command: string | readonly string[],
  port: number,
  config: ResolvedConfig,
  service: ServiceConfig | undefined,
  cwd: string,
  container: Container | undefined,
): NonNullable<RunOptions['service']> {
  const healthPath = service?.healthPath || config.test.healthPath || pathOf(config.test.healthUrl)
  return {
    command,
    cwd: service?.directory ?? cwd,
    // What a container publishes is decided by its command.
    env: container === undefined ? { PORT: String(port) } : {},
    keepAlive: config.test.keepAppAlive,
    ...(container && { container }),
    readiness: {
      port,
      totalTimeoutMs: config.test.healthPollTimeoutMs + (container ? config.container.buildDelayMs : 0),
      ...(container && { heldMs: HELD_MS }),
      ...(healthPath ? { healthPath } : {}),
    },
  }
}

/** Only the path of `healthUrl` counts: where the service runs is decided by `url`. */
function pathOf(url: string): string {
  if (url === '') return ''
  try {
    const { pathname, search } = new URL(url)
    return pathname + search
  } catch {
    return url.startsWith('/') ? url : ''
  }
}
