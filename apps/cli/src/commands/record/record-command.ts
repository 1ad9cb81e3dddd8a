import { relative, resolve } from 'node:path'

import type { ResolvedConfig } from '@keploy-framework/config'
import { readTestSet } from '@keploy-framework/format'
import { listJournals, RecordingSession, recover, removeJournal } from '@keploy-framework/recorder'
import type { ExchangeNotice, RecordingOptions, RecordingSummary } from '@keploy-framework/recorder'
import type { Service } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import type { OptionValues } from '../../cli/command.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { CliIo } from '../../cli/io.ts'
import { freePort } from '../../cli/ports.ts'
import { readConfig } from '../../cli/read-config.ts'
import { serviceCommand } from '../../cli/service-command.ts'
import { chooseService, setsOf } from '../test/prepare-run.ts'
import { liveExchanges } from './live-exchanges.ts'
import { recordOptions } from './record-options.ts'
import { assertTapPortFree, startBehindTap } from './start-topology.ts'
import { summaryText } from './summary-text.ts'
import { resolveTopology } from './topology.ts'

type Values = OptionValues<typeof recordOptions>

export const recordCommand = defineCommand({
  usage: '[OPTIONS] [-- COMMAND…]',
  description:
    'Puts a tap in front of a service and writes what goes through it as a test set. The traffic itself is not changed. Ends with Ctrl-C, --duration, --max, or the service.',
  options: recordOptions,
  examples: [
    'keploy-framework record -- npm start',
    'keploy-framework record --port 8000 --listen 8001 --path /api',
    'keploy-framework record --recover',
  ],
  async run({ io, options, rest, signal }) {
    const flags = { 'test.healthPollTimeout': options['ready-timeout'] && `${options['ready-timeout']}ms` }
    const config = await readConfig(io, { file: options.config, flags })
    const service = chooseService(config, options.service)
    const directory = options.dir ? resolve(io.cwd, options.dir) : setsOf(config, service)
    const shown = relative(io.cwd, directory) || '.'
    const print = (summary: RecordingSummary) => printSummary(summary, directory, shown, io, options)
    if (options.recover) return await recoverAll(directory, shown, print)

    const command = serviceCommand(rest, options.command, service ?? config)
    const topology = await resolveTopology({
      ...(options.port === undefined ? {} : { port: options.port }),
      ...((options.listen ?? config.record.listen.port) ? { listen: options.listen ?? config.record.listen.port } : {}),
      hasCommand: command !== undefined,
      defaultPort: service?.port || config.port || 8000,
      freePort,
    })
    await assertTapPortFree(topology)
    // The tap comes first: its redactor then cleans the service's output too, and knows the secrets of the traffic.
    let broken = false
    const live = liveExchanges(io, { quiet: options.quiet === true })
    const session = await RecordingSession.start({
      ...sessionOptions(config, options),
      target: `http://127.0.0.1:${topology.servicePort}`,
      appPort: topology.assigned ? topology.tapPort : topology.servicePort,
      listen: { host: options.host ?? config.record.listen.host, port: topology.tapPort },
      directory,
      onExchange: (notice: ExchangeNotice) => live.exchange(notice),
      onError: (error) => {
        broken = true
        io.stderr.write(
          `error: ${error.message} [${error.code}]\nNothing more is recorded; traffic flows on until Ctrl-C.\n`,
        )
      },
    })
    let running: Service | undefined
    try {
      if (command !== undefined) {
        const cwd = service?.directory ?? io.cwd
        running = await startBehindTap({ command, topology, config, cwd, redactor: session.redactor, signal })
      }
      io.stderr.write(
        `Recording: send requests to ${session.url} (service on port ${topology.servicePort}). Ctrl-C ends.\n`,
      )
      const ended = await untilEnd(session, running, signal)
      live.end()
      const summary = await session.finish()
      await print(summary)
      if (ended !== 'service') return broken ? exitCode.failed : exitCode.ok
      io.stderr.write(`error: The service ended during the recording. Its last output:\n${running?.output() ?? ''}\n`)
      return exitCode.service
    } catch (error) {
      // Without a service there was no traffic, and an empty journal is no use to anybody.
      if (running === undefined && session.stats.exchanges === 0) await discard(session)
      throw error
    } finally {
      await running?.stop()
    }
  },
})

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
): Promise<number> {
  const journals = (await listJournals(directory)).filter((journal) => !journal.inUse)
  if (journals.length === 0) {
    throw new CliError('KEPLOY_NOTHING_TO_RUN', `There is no journal to recover in ${shown}.`, {
      exitCode: exitCode.nothingToRun,
      hint: 'A recording that ends as it should leaves none.',
    })
  }
  for (const journal of journals) await print(await recover(journal.file, { directory }))
  return exitCode.ok
}
