import { spawn } from 'node:child_process'
import { constants } from 'node:os'

import { CliError } from '../../cli/cli-error.ts'
import { exitCode } from '../../cli/exit-code.ts'

/** How shells tell that a command is not there, and that it is and can't be run. */
const NOT_FOUND = 127
const NOT_RUN = 126

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface RunCommandOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Aborted when we were interrupted before the command was started: then it is not. */
  readonly signal: AbortSignal
  /** Whether we have a terminal: it sends Ctrl-C to the command by itself. */
  readonly terminal: boolean
}

/**
 * Runs a command in the foreground, with our terminal and these variables, and gives its exit code. Signals that only we get
 * are passed on as they are.
 *
 * @throws {CliError} `KEPLOY_RUN_COMMAND`, with the exit code that a shell would give
 */
export async function runCommand(command: readonly string[], options: RunCommandOptions): Promise<number> {
  if (options.signal.aborted) return exitCode.interrupted
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'inherit' })
  const passOn = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !options.terminal) child.kill(signal)
  }
  for (const signal of PASSED_ON) process.on(signal, passOn)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(notStarted(program, cause)))
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn)
  }
}

function notStarted(program: string, cause: NodeJS.ErrnoException): CliError {
  const missing = cause.code === 'ENOENT'
  return new CliError(
    'KEPLOY_RUN_COMMAND',
    `The command ${program} could not be started (${cause.code ?? cause.message}).`,
    {
      exitCode: missing ? NOT_FOUND : NOT_RUN,
      cause,
      hint: missing
        ? 'Check its spelling, and that it is installed and on PATH.'
        : 'Check that it is a program, and that you may execute it.',
    },
  )
}
