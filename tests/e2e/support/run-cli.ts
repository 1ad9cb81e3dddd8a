import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const fromSources = process.env['KEPLOY_TEST_SOURCES'] !== undefined

/** The built command, as a user would run it; with `KEPLOY_TEST_SOURCES` that of the sources, while one works on them. */
export const cliPath = fileURLToPath(
  new URL(fromSources ? 'run-sources.mjs' : '../../../apps/cli/bin/keploy-framework.js', import.meta.url),
)

/** What Node is started with to run the command. */
export const cliArguments = fromSources ? ['--conditions=@keploy-framework/source', cliPath] : [cliPath]

export interface CliResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunningCli extends AsyncDisposable {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves when the text stands in either output; rejects when the process ends without it. */
  waitFor(text: string | RegExp): Promise<void>
  readonly done: Promise<CliResult>
}

export interface CliOptions {
  cwd: string
  env?: Record<string, string>
}

/** Starts the command and leaves it running. */
export function startCli(args: string[], options: CliOptions): RunningCli {
  const child = spawn(process.execPath, [...cliArguments, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  const notify = () => listeners.forEach((listener) => listener())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    notify()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    notify()
  })
  const done = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const waitFor = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        const all = stdout + stderr
        if (!(typeof text === 'string' ? all.includes(text) : text.test(all))) return
        listeners.delete(check)
        resolve()
      }
      listeners.add(check)
      check()
      void done.then(() =>
        reject(new Error(`The command ended before it printed ${String(text)}:\n${stdout}${stderr}`)),
      )
    })
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    waitFor,
    done,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await done
    },
  }
}

/** Runs the command to its end. */
export async function runCli(args: string[], options: CliOptions): Promise<CliResult> {
  await using running = startCli(args, options)
  return await running.done
}
