import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

export { freePort } from '@keploy-framework/intercept'

const cli = path.join(import.meta.dirname, 'cli.mjs')

export interface CliRun extends AsyncDisposable {
  readonly pid: number
  stdout(): string
  stderr(): string
  /** Asks it to end, as Ctrl-C does. */
  interrupt(): void
  readonly done: Promise<number | null>
}

/** Starts the command from its sources, in a folder. */
export function runCli(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): CliRun {
  const child = spawn(process.execPath, ['--conditions=@keploy-framework/source', '--no-warnings', cli, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const done = once(child, 'close').then(([code]) => code as number | null)
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    interrupt: () => child.kill('SIGINT'),
    done,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await done
    },
  }
}
