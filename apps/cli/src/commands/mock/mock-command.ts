import { relative, resolve } from 'node:path'

import type { ResolvedConfig } from '@keploy-framework/config'
import { openDependencies, type OpenDependencies } from '@keploy-framework/intercept'
import { recordCalls } from '@keploy-framework/recorder'
import { loadStandIn, openStandIn } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import type { OptionTable, OptionValues } from '../../cli/command.ts'
import { discoverOptions } from '../../cli/discover-options.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { CliIo } from '../../cli/io.ts'
import { issueLine } from '../../cli/print-error.ts'
import { printable, printableLine } from '../../cli/printable.ts'
import { readConfig } from '../../cli/read-config.ts'
import { repeatRules } from '../../cli/repeat-rules.ts'
import { planContainer, relayOptions, type Container } from '../../container/plan-container.ts'
import { sharedOptions } from '../shared-options.ts'
import { setsOf } from '../test/prepare-run.ts'
import { mockSets } from './mock-sets.ts'
import { runCommand } from './run-command.ts'
import { callsSummary, shownMisses, shownUnused } from './stand-in-text.ts'

const mockOptions = {
  record: { type: 'boolean', description: 'Let the command reach its dependencies, and record what they answer.' },
  'test-set': {
    type: 'list',
    value: 'NAMES',
    description: 'The sets whose mocks answer. Default: all that have some; with --record: mock-set.',
  },
  append: { type: 'boolean', description: 'With --record: add to the set.' },
  replace: { type: 'boolean', description: 'With --record: record the set again, from scratch.' },
  'strict-unused': { type: 'boolean', description: 'Recorded calls that nobody made fail the run.' },
  timing: { type: 'boolean', description: 'Keep the delays between the pieces of recorded streams.' },
  compose: sharedOptions.compose,
  service: { type: 'string', value: 'NAME', description: 'With --compose: the service that is run.' },
  dir: sharedOptions.dir,
} as const satisfies OptionTable

type Values = OptionValues<typeof mockOptions> & { readonly quiet?: boolean }

export const mockCommand = defineCommand({
  usage: '[OPTIONS] -- COMMAND…',
  description:
    'Runs a command, your own test runner for example, and answers what it asks its dependencies from recorded mocks. Nothing is replayed. Ends with the exit code of the command, or with 1 when a call had no answer.',
  options: mockOptions,
  examples: [
    'keploy-framework mock --record -- npm test',
    'keploy-framework mock -- npm test',
    'keploy-framework mock --test-set checkout -- pytest',
  ],
  async run({ io, options, rest, signal }) {
    if (rest.length === 0 && options.compose === undefined) {
      throw new CliError('KEPLOY_USAGE', 'No command is given.', {
        hint: 'Write it behind --: keploy-framework mock -- npm test',
      })
    }
    const config = await readConfig(io, { file: options.config, flags: {} })
    const container = await planContainer({
      config,
      command: rest,
      compose: options.compose,
      service: options.service,
      cwd: io.cwd,
      replay: options.record !== true,
      exitCode: true,
    })
    const directory = options.dir ? resolve(io.cwd, options.dir) : setsOf(config, undefined)
    const input = { io, options, rest, signal, config, directory, container, shown: relative(io.cwd, directory) || '.' }
    return options.record ? await recordMocks(input) : await answerFromMocks(input)
  },
})

interface Input {
  readonly io: CliIo
  readonly options: Values
  readonly rest: readonly string[]
  readonly signal: AbortSignal
  readonly config: ResolvedConfig
  readonly directory: string
  readonly container: Container | undefined
  readonly shown: string
}

async function answerFromMocks({
  io,
  options,
  rest,
  signal,
  config,
  directory,
  shown,
  container,
}: Input): Promise<number> {
  const warn = (message: string): void => void io.stderr.write(`warning: ${printableLine(message)}\n`)
  const misses = shownMisses(io)
  const mayRepeat = repeatRules(config.dependencies.repeat)
  const standIn = await loadStandIn({
    sets: await mockSets(directory, shown, options['test-set'] ?? []),
    keepTiming: options.timing ?? false,
    ...(mayRepeat && { mayRepeat }),
    onMiss: (miss) => misses.add(miss),
  })
  for (const issue of standIn.issues) io.stderr.write(`${issueLine(issue)}\n`)
  const opened = await openStandIn(standIn, discoverOptions(config, io.cwd), warn, container && relayOptions(container))
  let code: number
  try {
    if (!options.quiet) showTable(opened.table, 'answered from mocks', io)
    code = await runWith(opened, { io, rest, signal, container })
  } finally {
    await opened.close()
  }
  const { served, missed } = standIn.session.stats
  const unused = standIn.session.unused()
  if (!options.quiet) io.stderr.write(callsSummary(served, missed, unused.length))
  shownUnused(unused, io, options['strict-unused'] === true)
  if (code !== 0) return code
  const failed = missed > 0 || standIn.issues.some(({ severity }) => severity === 'error')
  return failed || (options['strict-unused'] === true && unused.length > 0) ? exitCode.failed : exitCode.ok
}

async function recordMocks({ io, options, rest, signal, config, directory, shown, container }: Input): Promise<number> {
  const [testSet = 'mock-set', ...more] = options['test-set'] ?? []
  if (more.length > 0) {
    throw new CliError('KEPLOY_USAGE', 'Several sets are named for one recording.', {
      hint: 'Name one with --test-set.',
    })
  }
  let broken = false
  const recording = await recordCalls({
    directory,
    testSet,
    existing: options.append ? 'append' : options.replace ? 'replace' : 'refuse',
    redact: config.redact,
    onError: ({ message, code }) => {
      broken = true
      io.stderr.write(`error: ${printable(message)} [${code}]\nNothing more is recorded; the command goes on.\n`)
    },
    onGap: (reason) => io.stderr.write(`warning: ${printableLine(reason)}\n`),
    onNotice: (notice) => io.stderr.write(`warning: ${printableLine(notice)}\n`),
  })
  const opened = await openDependencies({
    ...discoverOptions(config, io.cwd),
    ...(container && relayOptions(container)),
    handler: recording.handler,
    onProblem: (message) => io.stderr.write(`warning: ${printableLine(message)}\n`),
  })
  let code: number
  try {
    if (!options.quiet) showTable(opened.table, 'recorded', io)
    code = await runWith(opened, { io, rest, signal, container })
  } catch (error) {
    // The command did not run: an empty journal is no use to anybody.
    if (recording.calls === 0) await recording.discard()
    throw error
  } finally {
    await opened.close()
  }
  const { calls, warnings, set } = await recording.finish().catch((error: unknown) => {
    // The reason follows, and with it the exit code.
    io.stderr.write(`What was recorded is kept in ${shown}; "keploy-framework record --recover" makes mocks of it.\n`)
    throw error
  })
  for (const warning of warnings) io.stderr.write(`warning: ${printable(warning)}\n`)
  io.stderr.write(
    calls.mocks === 0
      ? 'No calls were recorded.\n'
      : `${calls.mocks === 1 ? '1 call' : `${calls.mocks} calls`} recorded in ${shown}/${set}.\n`,
  )
  if (code !== 0) return code
  if (broken) return exitCode.failed
  return calls.mocks === 0 ? exitCode.nothingToRun : exitCode.ok
}

/** Runs the command, or the container that it stands for, with what leads to the relays. */
async function runWith(
  { env, folder }: Pick<OpenDependencies, 'env' | 'folder'>,
  { io, rest, signal, container }: Pick<Input, 'io' | 'rest' | 'signal' | 'container'>,
): Promise<number> {
  const launched = await container?.launch(env, folder)
  try {
    const terminal = [io.stdin, io.stdout, io.stderr].some(({ isTTY }) => isTTY === true)
    return await runCommand(launched?.command ?? rest, { cwd: io.cwd, env: launched?.env ?? env, signal, terminal })
  } finally {
    await launched?.stop()
  }
}

function showTable(table: readonly string[], how: string, io: CliIo): void {
  const text =
    table.length === 0
      ? 'No setting of the environment leads to a dependency.'
      : `Dependencies, ${how}:\n  ${table.join('\n  ')}`
  io.stderr.write(`${text}\n`)
}
