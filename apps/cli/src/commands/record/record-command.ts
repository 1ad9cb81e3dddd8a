import { rm, writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'

import type { ResolvedConfig } from '@keploy-framework/config'
import { readTestSet } from '@keploy-framework/format'
import { createLocalCertificate, freePort, openDependencies, type OpenDependencies } from '@keploy-framework/intercept'
import { listJournals, RecordingSession, recover, removeJournal } from '@keploy-framework/recorder'
import type { ExchangeNotice, RecordingOptions, RecordingSummary } from '@keploy-framework/recorder'
import type { Service } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import type { OptionValues } from '../../cli/command.ts'
import { discoverOptions } from '../../cli/discover-options.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { CliIo } from '../../cli/io.ts'
import { printError } from '../../cli/print-error.ts'
import { printable, printableLine } from '../../cli/printable.ts'
import { readConfig } from '../../cli/read-config.ts'
import { serviceCommand } from '../../cli/service-command.ts'
import { planContainer, refuseHook, relayOptions, type Container } from '../../container/plan-container.ts'
import { chooseService, setsOf } from '../test/prepare-run.ts'
import { liveExchanges } from './live-exchanges.ts'
import { recordOptions } from './record-options.ts'
import { assertTapPortFree, startBehindTap } from './start-topology.ts'
import { summaryText } from './summary-text.ts'
import { resolveTopology } from './topology.ts'
import { warnUntrusted } from './warn-untrusted.ts'

type Values = OptionValues<typeof recordOptions>

export const recordCommand = defineCommand({
  usage: '[OPTIONS] [-- COMMAND…]',
  description:
    'Puts a tap in front of a service and writes what goes through it as a test set. The traffic itself is not changed. Ends with Ctrl-C, --duration, --max, or the service.',
  options: recordOptions,
  examples: [
    'keploy-framework record -- npm start',
    'keploy-framework record --port 8000 --listen 8001 --path /api',
    'keploy-framework record --target https://staging.example.com --listen 8001',
    'keploy-framework record --recover',
  ],
  async run({ io, options, rest, signal }) {
    const flags = { 'test.healthPollTimeout': options['ready-timeout'] && `${options['ready-timeout']}ms` }
    const config = await readConfig(io, { file: options.config, flags })
    const service = chooseService(config, options.compose === undefined ? options.service : undefined)
    const directory = options.dir ? resolve(io.cwd, options.dir) : setsOf(config, service)
    const shown = relative(io.cwd, directory) || '.'
    const print = (summary: RecordingSummary) => printSummary(summary, directory, shown, io, options)
    if (options.recover) return await recoverAll(directory, shown, print, io, options.json === true)

    const elsewhere = options.target === undefined ? undefined : targetOf(options.target, options, rest, io.cwd)
    const command = elsewhere === undefined ? serviceCommand(rest, options.command, service ?? config) : undefined
    const container =
      (options.mocks === false && options.compose === undefined) ||
      elsewhere !== undefined ||
      (options.hook === true && options.compose === undefined)
        ? undefined
        : await planContainer({
            config,
            command,
            compose: options.compose,
            cwd: service?.directory ?? io.cwd,
            replay: false,
            service: options.compose === undefined ? undefined : options.service,
          })
    if (container !== undefined) refuseHook(options.hook)
    const started = container?.command ?? command
    const listen = (options.listen ?? config.record.listen.port) || (elsewhere && (await freePort()))
    const topology = await resolveTopology({
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(listen ? { listen } : {}),
      // The port that a container publishes is its own: clients get that of the tap.
      hasCommand: command !== undefined && container === undefined,
      // Port 0 is nobody's: the target says where the service is.
      defaultPort: elsewhere === undefined ? service?.port || container?.port || config.port || 8000 : 0,
      freePort,
    })
    const host = options.host ?? config.record.listen.host
    await assertTapPortFree(topology, host)
    const tls = options.tls ? createLocalCertificate({ hosts: ['localhost', '127.0.0.1', '::1', host] }) : undefined
    // The tap comes first: its redactor then cleans the service's output too, and knows the secrets of the traffic.
    let broken = false
    let ready = started === undefined
    const live = liveExchanges(io, { quiet: options.quiet === true })
    const session = await RecordingSession.start({
      ...sessionOptions(config, options),
      target: elsewhere ?? `http://127.0.0.1:${topology.servicePort}`,
      ...(elsewhere === undefined && { appPort: topology.assigned ? topology.tapPort : topology.servicePort }),
      listen: { host, port: topology.tapPort },
      directory,
      ...(tls && { tls }),
      onExchange: (notice: ExchangeNotice) => live.exchange(notice),
      onGap: (reason) => live.gap(ready ? reason : `${reason}, because a client came before the service was ready`),
      onNotice: (notice) => live.gap(notice),
      onError: (error) => {
        broken = true
        io.stderr.write(
          `error: ${error.message} [${error.code}]\nNothing more is recorded; traffic flows on until Ctrl-C.\n`,
        )
      },
    })
    let running: Service | undefined
    let dependencies: OpenDependencies | undefined
    let watch: ReturnType<OpenDependencies['watch']> | undefined
    const certificate = `${session.journalFile}.pem`
    try {
      if (tls) await writeFile(certificate, tls.cert)
      if (started !== undefined) {
        const cwd = service?.directory ?? io.cwd
        if (options.mocks !== false)
          dependencies = await relaysOf(session, discoverOptions(config, cwd), options.hook === true, io, container)
        const env = dependencies?.env ?? {}
        const launched = await container?.launch(env, dependencies?.folder)
        const { redactor } = session
        running = await startBehindTap({ command: started, topology, config, cwd, redactor, signal, env, launched })
        watch = dependencies?.watch(running.pid, ({ remote }) =>
          io.stderr.write(
            `warning: The service connected to ${remote.host}:${remote.port} itself, around its relays: that is not recorded. Name the variable that leads there in dependencies.map of keploy.yml. [KEPLOY_BYPASS]\n`,
          ),
        )
        ready = true
      }
      if (elsewhere !== undefined) await warnUntrusted(elsewhere, io)
      io.stderr.write(
        `Recording: send requests to ${session.url} (service ${elsewhere === undefined ? `on port ${topology.servicePort}` : `at ${printable(elsewhere)}`}). Ctrl-C ends.\n`,
      )
      if (tls) io.stderr.write(`Clients have to trust this certificate: ${relative(io.cwd, certificate)}\n`)
      const ended = await untilEnd(session, running, signal)
      live.end()
      await dependencies?.flush()
      if (tls) await rm(certificate, { force: true })
      const summary = await session.finish().catch((error: unknown) => {
        // The reason follows, and with it the exit code.
        io.stderr.write(
          `What was recorded is kept in ${shown}; "keploy-framework record --recover" makes tests of it.\n`,
        )
        throw error
      })
      await print(summary)
      if (ended !== 'service') {
        if (broken) return exitCode.failed
        return summary.tests > 0 ? exitCode.ok : printError(noTests(summary, session.url), io, options.json === true)
      }
      io.stderr.write(`error: The service ended during the recording${lastWords(running)}\n`)
      return exitCode.service
    } catch (error) {
      // Without a service there was no traffic, and an empty journal is no use to anybody.
      if (running === undefined && session.stats.exchanges === 0) await discard(session)
      throw error
    } finally {
      await watch?.close()
      await running?.stop()
      await dependencies?.close()
      if (tls) await rm(certificate, { force: true })
    }
  },
})

/** A recording that made no test: a script that goes on to a replay has to know. */
function noTests(summary: RecordingSummary, url: string): CliError {
  const seen = summary.gaps + Object.values(summary.skipped).reduce((sum, count) => sum + count, 0)
  return new CliError('KEPLOY_NOTHING_TO_RUN', 'Nothing was recorded that makes a test.', {
    exitCode: exitCode.nothingToRun,
    hint:
      seen === 0
        ? `No request came: clients have to send them to ${url}, not to the service itself.`
        : 'The summary says why what came was left out.',
  })
}

/** Puts relays in front of what the service's settings lead to, and shows them. */
async function relaysOf(
  session: RecordingSession,
  discover: ReturnType<typeof discoverOptions>,
  hook: boolean,
  io: CliIo,
  container: Container | undefined,
): Promise<OpenDependencies> {
  const opened = await openDependencies({
    ...discover,
    ...(container && relayOptions(container)),
    hook,
    handler: session.dependencies,
    onProblem: (message) => io.stderr.write(`warning: ${printableLine(message)}\n`),
  })
  if (opened.table.length > 0) io.stderr.write(`Dependencies, each through a relay:\n  ${opened.table.join('\n  ')}\n`)
  return opened
}

/** How a service ended, and what it printed last. */
function lastWords(service: Service | undefined): string {
  const { code, signal } = service?.exit ?? { code: null, signal: null }
  const how = signal ? ` (signal ${signal})` : code === null ? '' : ` (exit code ${code})`
  const output = service?.output() ?? ''
  return output === '' ? `${how}. It printed nothing.` : `${how}. Its last output:\n${printable(output)}`
}

/** The address of a service that runs already, as `RecordingSession` takes it. */
function targetOf(target: string, options: Values, rest: readonly string[], cwd: string): string {
  const clash =
    options.port !== undefined ? '--port' : options.command !== undefined || rest.length > 0 ? 'a command' : undefined
  if (clash !== undefined) {
    throw new CliError('KEPLOY_USAGE', `--target and ${clash} are both given.`, {
      hint: 'Use --target for a service that runs already, wherever it is; --port and a command are for one of this machine.',
    })
  }
  return target.startsWith('unix:') ? `unix:${resolve(cwd, target.slice(5))}` : target
}

/** Ends a recording of which nothing is to stay. */
async function discard(session: RecordingSession): Promise<void> {
  await session.abort()
  await removeJournal(session.journalFile)
}

/** Waits for whatever ends a recording first. */
async function untilEnd(
  session: RecordingSession,
  service: Service | undefined,
  signal: AbortSignal,
): Promise<'session' | 'service' | 'signal'> {
  // When the journal fails there is nothing more to record, but the traffic goes through here and must flow on.
  const over = session.ended.then((reason) =>
    reason === 'journal' ? new Promise<never>(() => {}) : ('session' as const),
  )
  const waits: Promise<'session' | 'service' | 'signal'>[] = [over]
  if (service) waits.push(service.exited.then(() => 'service'))
  if (signal.aborted) return 'signal'
  waits.push(
    new Promise((settle) => {
      signal.addEventListener('abort', () => settle('signal'), { once: true })
    }),
  )
  return await Promise.race(waits)
}

function sessionOptions(config: ResolvedConfig, options: Values): Omit<RecordingOptions, 'target'> {
  const { record, redact } = config
  const kinds = [
    ...(record.exclude.healthChecks ? [] : (['health'] as const)),
    ...(record.exclude.assets ? [] : (['assets'] as const)),
    ...(record.exclude.preflights ? [] : (['preflight'] as const)),
  ]
  const durationMs = options.duration ?? record.durationMs
  const maxTests = options.max ?? record.maxTests
  if (options.append && options.replace) {
    throw new CliError('KEPLOY_USAGE', '--append and --replace are both given.', { hint: 'Keep one of them.' })
  }
  return {
    path: options.path ?? (record.basePath ? [record.basePath] : []),
    filters: record.filters,
    excludePaths: record.exclude.paths,
    keep: [...kinds, ...((options.keep ?? []) as typeof kinds)],
    dedupe: options.dedupe ?? record.dedupe,
    existing: options.append ? 'append' : options.replace ? 'replace' : 'refuse',
    redact: { ...redact, enabled: options.redact ?? redact.enabled },
    saveSecrets: options['save-secrets'] ?? false,
    serial: options.serial ?? false,
    fsync: (options.fsync as 'never' | 'interval' | 'always' | undefined) ?? record.fsync,
    bodyLimit: record.bodyLimitBytes,
    ...(options['test-set'] === undefined ? {} : { testSet: options['test-set'] }),
    ...(durationMs > 0 ? { durationMs } : {}),
    ...(maxTests > 0 ? { maxTests } : {}),
  }
}

async function printSummary(
  summary: RecordingSummary,
  directory: string,
  shown: string,
  io: CliIo,
  options: { json?: boolean },
): Promise<void> {
  const valid = summary.tests === 0 || (await readsBack(resolve(directory, summary.set)))
  io.stdout.write(
    options.json
      ? `${JSON.stringify({ version: 1, ...summary, valid }, null, 2)}\n`
      : summaryText(summary, shown, valid),
  )
}

async function readsBack(set: string): Promise<boolean> {
  const { issues } = await readTestSet(set)
  return issues.every((issue) => issue.severity !== 'error')
}

async function recoverAll(
  directory: string,
  shown: string,
  print: (summary: RecordingSummary) => Promise<void>,
  io: CliIo,
  json: boolean,
): Promise<number> {
  const found = await listJournals(directory)
  const journals = found.filter((journal) => !journal.inUse)
  if (journals.length === 0) {
    const running = found.length > 0
    throw new CliError('KEPLOY_NOTHING_TO_RUN', `There is no journal to recover in ${shown}.`, {
      exitCode: exitCode.nothingToRun,
      hint: running
        ? 'What is there belongs to a recording that goes on; it writes its tests itself when it ends.'
        : 'A recording that ends as it should leaves none.',
    })
  }
  // One journal that can't be read must not keep the others from being recovered.
  let code: number = exitCode.ok
  for (const journal of journals) {
    try {
      await print(await recover(journal.file, { directory }))
    } catch (error) {
      code = printError(error, io, json)
    }
  }
  return code
}
