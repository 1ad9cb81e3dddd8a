import { parseCommandLine } from './cli/args.ts'
import { CliError } from './cli/cli-error.ts'
import { commonOptions } from './cli/command.ts'
import { exitCode } from './cli/exit-code.ts'
import { guardOutput } from './cli/guard-output.ts'
import { processIo } from './cli/io.ts'
import type { CliIo } from './cli/io.ts'
import { commandTable } from './commands/table.ts'
import { version } from './version.ts'

/** Signals that end a command as it should; SIGHUP is a terminal that was closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs one command line and returns the exit code.
 *
 * @example
 * const code = await main(['test', '--url', 'http://127.0.0.1:8000'])
 */
export async function main(args: readonly string[], io: CliIo = processIo()): Promise<number> {
  const output = guardOutput(io)
  return await output.settle(await run(args, io))
}

async function run(args: readonly string[], io: CliIo): Promise<number> {
  const [first, ...words] = args
  if (first === '--version' || first === '-v') {
    io.stdout.write(`${version}\n`)
    return exitCode.ok
  }
  const json = args.includes('--json')
  try {
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
      const { overview } = await import('./cli/help.ts')
      ;(first === undefined ? io.stderr : io.stdout).write(overview(commandTable, version))
      return first === undefined ? exitCode.usage : exitCode.ok
    }
    // `keploy-test --version` arrives as `test --version`.
    if (words[0] === '--version') {
      io.stdout.write(`${version}\n`)
      return exitCode.ok
    }
    return await runCommand(first, words, io)
  } catch (error) {
    const { printError } = await import('./cli/print-error.ts')
    return printError(error, io, json)
  }
}

async function runCommand(name: string, words: readonly string[], io: CliIo): Promise<number> {
  const entry = commandTable.find((each) => each.name === name)
  if (!entry) {
    const { suggest } = await import('./cli/suggest.ts')
    const close = suggest(
      name,
      commandTable.map((each) => each.name),
    )
    throw new CliError('KEPLOY_UNKNOWN_COMMAND', `There is no command "${name}".`, {
      hint: close ? `Did you mean ${close}?` : 'Run keploy-framework --help to see the commands.',
    })
  }
  const command = await entry.load()
  const table = { ...command.options, ...commonOptions }
  const parsed = parseCommandLine(
    words,
    table,
    command.maxPositionals === undefined ? {} : { maxPositionals: command.maxPositionals },
  )
  if (parsed.options['help']) {
    const { commandHelp } = await import('./cli/help.ts')
    io.stdout.write(commandHelp(name, command))
    return exitCode.ok
  }
  const interruption = new AbortController()
  const interrupt = () => interruption.abort()
  for (const signal of ENDING) process.on(signal, interrupt)
  try {
    return await command.run({ io, ...parsed, options: parsed.options as never, signal: interruption.signal })
  } finally {
    for (const signal of ENDING) process.off(signal, interrupt)
  }
}
