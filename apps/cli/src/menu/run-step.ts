import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'

import type { CliIo } from '../cli/io.ts'
import type { MenuStep } from './menu-entry.ts'

export interface RunStepOptions {
  readonly io: Pick<CliIo, 'env' | 'cwd'>
  /** The program and first arguments that run this tool again. */
  readonly self: readonly string[]
  /** Ends the step. */
  readonly signal?: AbortSignal
}

/** Runs one step as a process that has the terminal, and returns its exit code. */
export function runStep(step: MenuStep, options: RunStepOptions): Promise<number> {
  const { io, self } = options
  const [program = process.execPath, ...first] = self
  const shell = 'shell' in step
  // A command in keploy.yml may name programs of the project without their folder, as in a script of package.json.
  const path = [join(io.cwd, 'node_modules', '.bin'), io.env['PATH']]
    .filter((part) => part !== undefined)
    .join(delimiter)
  const child = spawn(shell ? step.shell : program, shell ? [] : [...first, ...step.words], {
    cwd: io.cwd,
    env: { ...io.env, PATH: path },
    stdio: 'inherit',
    shell,
  })
  // Ctrl-C goes to the whole group of the terminal: the child ends, and the menu comes back.
  const stay = (): void => undefined
  const end = (): boolean => child.kill('SIGTERM')
  process.on('SIGINT', stay)
  options.signal?.addEventListener('abort', end)
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  }).finally(() => {
    process.off('SIGINT', stay)
    options.signal?.removeEventListener('abort', end)
  })
}
