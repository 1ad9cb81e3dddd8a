import { loadConfig } from '@keploy-framework/config'

import { CliError } from '../cli/cli-error.ts'
import { exitCode } from '../cli/exit-code.ts'
import type { CliIo } from '../cli/io.ts'
import { issueLine } from '../cli/print-error.ts'
import { Prompt } from '../setup/prompt.ts'
import { ANSWER, menuChoices, type MenuChoice, type MenuStep } from './menu-entry.ts'
import { readStatus, statusLine } from './menu-status.ts'
import { renderMenu } from './render-menu.ts'
import { runStep } from './run-step.ts'

export interface MenuOptions {
  /** Read this file in place of `keploy.yml`. */
  readonly config?: string
  /** The program and first arguments that run this tool again. Default: those of this process. */
  readonly self?: readonly string[]
}

/**
 * Shows the menu until it is left. Each entry runs as a process of its own that has the terminal. The status line is
 * counted from disk each time. Returns 0 when it is left by `0` or the end of the input, 130 by Ctrl-C or SIGTERM.
 *
 * @throws {CliError} `KEPLOY_USAGE` when there is no terminal.
 */
export async function runMenu(options: MenuOptions, io: CliIo): Promise<number> {
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true) {
    throw new CliError(
      'KEPLOY_USAGE',
      'The menu needs a terminal, and this is none: input or output is a pipe or a file.',
      {
        hint: 'Call a command by its name, `keploy-framework test` for example; `keploy-framework --help` lists them.',
      },
    )
  }
  const self = options.self ?? [process.execPath, process.argv[1] ?? '']
  const prompt = new Prompt(io)
  const stop = new AbortController()
  const onTerminate = (): void => stop.abort()
  // Ctrl-C ends a running step, which has the terminal; only at the prompt it is meant for the menu.
  const onInterrupt = (): void => {
    if (prompt.waiting) stop.abort()
  }
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate)
  try {
    return await showUntilLeft({ ...options, self }, prompt, io, stop.signal)
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
    prompt.release()
  }
}

async function showUntilLeft(
  options: MenuOptions & { readonly self: readonly string[] },
  prompt: Prompt,
  io: CliIo,
  signal: AbortSignal,
): Promise<number> {
  const named = options.config === undefined ? {} : { file: options.config }
  for (;;) {
    const { config, issues } = await loadConfig({ cwd: io.cwd, env: io.env, ...named })
    for (const issue of issues) if (issue.severity === 'error') io.stderr.write(`${issueLine(issue)}\n`)
    const status = await readStatus(config.setsDirectory)
    const choices = menuChoices(config, status.sets.at(-1))
    io.stdout.write(`\n${renderMenu({ title: config.menu.title, status: statusLine(status), choices })}`)
    const typed = await prompt.ask('Your choice: ', signal)
    if (signal.aborted || typed === undefined || typed === '0') {
      io.stdout.write('\n')
      return signal.aborted ? exitCode.interrupted : exitCode.ok
    }
    const choice = choices.find(({ key }) => key === typed)
    if (choice) await runChoice(choice, prompt, { io, self: options.self, signal })
    else if (typed !== '')
      io.stdout.write(
        `There is no entry ${JSON.stringify(typed)}. Type one of ${choices.map(({ key }) => key).join(', ')}, or 0 to leave.\n`,
      )
  }
}

interface ChoiceContext {
  readonly io: CliIo
  readonly self: readonly string[]
  readonly signal: AbortSignal
}

async function runChoice(choice: MenuChoice, prompt: Prompt, context: ChoiceContext): Promise<void> {
  const { io } = context
  const answer = choice.question === undefined ? '' : await prompt.ask(choice.question, context.signal)
  if (choice.question !== undefined && !answer) return
  prompt.release()
  for (const step of choice.steps) {
    const filled = fill(step, answer ?? '')
    io.stdout.write(`\n$ ${'shell' in filled ? filled.shell : `keploy-framework ${filled.words.join(' ')}`}\n`)
    const code = await runStep(filled, context).catch((error: unknown) => {
      io.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
      return exitCode.service
    })
    if (code !== 0) io.stdout.write(`\nEnded with exit code ${code}.\n`)
    if (context.signal.aborted || (code !== 0 && !choice.always)) return
  }
}

function fill(step: MenuStep, answer: string): MenuStep {
  return 'shell' in step ? step : { words: step.words.map((word) => (word === ANSWER ? answer : word)) }
}
