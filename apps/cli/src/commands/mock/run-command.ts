import { spawn } from 'node:child_process'
import { constants } from 'node:os'

import { CliError } from '../../cli/cli-error.ts'
import { exitCode } from '../../cli/exit-code.ts'

/**
 * Runs a command in the foreground, with our terminal and these variables, and gives its exit code. Signals of the terminal
 * reach it by themselves; one that only we get is passed on.
 */
export async function runCommand(
  command: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<number> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'inherit' })
  const stop = (): void => void child.kill('SIGTERM')
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => {
        reject(
          new CliError(
            'KEPLOY_RUN_COMMAND',
            `The command ${program} could not be started (${cause.code ?? cause.message}).`,
            {
              exitCode: exitCode.service,
              cause,
              hint: 'Check its spelling, and that it is installed and on PATH.',
            },
          ),
        )
      })
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
  } finally {
    options.signal.removeEventListener('abort', stop)
  }
}
