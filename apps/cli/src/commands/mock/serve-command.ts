import { relative, resolve } from 'node:path'

import { loadStandIn, serveStandIn, type ServedDependency } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import type { OptionTable } from '../../cli/command.ts'
import { exitCode } from '../../cli/exit-code.ts'
import { issueLine } from '../../cli/print-error.ts'
import { printableLine } from '../../cli/printable.ts'
import { readConfig } from '../../cli/read-config.ts'
import { sharedOptions } from '../shared-options.ts'
import { setsOf } from '../test/prepare-run.ts'
import { mockSets } from './mock-sets.ts'
import { callsSummary, shownMisses } from './stand-in-text.ts'

const serveOptions = {
  'test-set': {
    type: 'list',
    value: 'NAMES',
    description: 'The sets whose mocks answer. Default: all that have some.',
  },
  listen: {
    type: 'list',
    value: 'NAME=PORT',
    description:
      'Ports of dependencies, by name or protocol: "postgres=5432", "redis db:6379=6379". Default: any free port.',
  },
  host: { type: 'string', value: 'HOST', description: 'Address to listen on. Default: 127.0.0.1.' },
  once: {
    type: 'boolean',
    description: 'Answer each recorded call as often as it was recorded. Default: as often as asked.',
  },
  timing: { type: 'boolean', description: 'Keep the delays between the pieces of recorded streams.' },
  dir: sharedOptions.dir,
} as const satisfies OptionTable

export const serveCommand = defineCommand({
  usage: '[OPTIONS]',
  description: 'Serves recorded mocks on ports of their own, for any client, until Ctrl-C.',
  options: serveOptions,
  examples: [
    'keploy-framework serve --listen postgres=5432,redis=6379',
    'keploy-framework serve --test-set checkout --once',
  ],
  async run({ io, options, signal }) {
    const config = await readConfig(io, { file: options.config, flags: {} })
    const directory = options.dir ? resolve(io.cwd, options.dir) : setsOf(config, undefined)
    const misses = shownMisses(io)
    const standIn = await loadStandIn({
      sets: await mockSets(directory, relative(io.cwd, directory) || '.', options['test-set'] ?? []),
      keepTiming: options.timing ?? false,
      mayRepeat: () => options.once !== true,
      onMiss: (miss) => misses.add(miss),
    })
    for (const issue of standIn.issues) io.stderr.write(`${issueLine(issue)}\n`)
    const { served, relays } = await serveStandIn(standIn, {
      ports: portsOf(options.listen ?? [], standIn.dependencies),
      ...(options.host !== undefined && { host: options.host }),
      onProblem: (message) => io.stderr.write(`warning: ${printableLine(message)}\n`),
    })
    io.stdout.write(options.json ? `${JSON.stringify({ version: 1, served })}\n` : servedText(served))
    io.stderr.write('Serving. Ctrl-C ends.\n')
    await new Promise<void>((settle) => {
      if (signal.aborted) settle()
      signal.addEventListener('abort', () => settle(), { once: true })
    })
    await relays.close()
    const { served: answered, missed } = standIn.session.stats
    io.stderr.write(callsSummary(answered, missed, standIn.session.unused().length))
    return missed > 0 ? exitCode.failed : exitCode.ok
  },
})

function servedText(served: readonly ServedDependency[]): string {
  const names = served.map(({ name }) => printableLine(name))
  const width = Math.max(...names.map((name) => name.length))
  return served.map(({ host, port }, at) => `${names[at]?.padEnd(width)}  ${host}:${port}\n`).join('')
}

/** Reads `NAME=PORT`; a name is that of the dependency, or its protocol where one dependency speaks it. */
function portsOf(
  wanted: readonly string[],
  dependencies: readonly { readonly name: string; readonly protocol: string }[],
): Record<string, number> {
  const ports: Record<string, number> = {}
  for (const text of wanted) {
    const at = text.lastIndexOf('=')
    const name = text.slice(0, Math.max(at, 0))
    const port = Number(text.slice(at + 1))
    const meant = dependencies.filter((one) => one.name === name || one.protocol === name)
    const [first] = meant
    if (first === undefined || meant.length > 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new CliError('KEPLOY_BAD_OPTION', `--listen ${text} says nothing that can be done.`, {
        hint: `Write NAME=PORT with one of: ${dependencies.map((one) => one.name).join(', ')}`,
      })
    }
    ports[first.name] = port
  }
  return ports
}
