import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const COMMAND = fileURLToPath(new URL('../../apps/sample-service/bin/platform.js', import.meta.url))

/** The platform as `npm run platform` starts it, in a process of its own. */
export interface PlatformProcess extends AsyncDisposable {
  readonly port: number
  /** From the start of the process to the line that says it is ready, in milliseconds. */
  readonly startMs: number
  /** How long it was running on a processor until now, in milliseconds: a measure that other work on the machine hardly touches. */
  processorMs(): Promise<number>
  /** The most memory that it ever had, in bytes. */
  peakMemory(): Promise<number>
}

export interface PlatformProcessOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** For Node, such as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[]
}

/** @throws Error when it ends before it is ready; the build must be there */
export async function startPlatformProcess(options: PlatformProcessOptions = {}): Promise<PlatformProcess> {
  const { args = [], env = {}, nodeArgs = [] } = options
  const profile = process.env['KEPLOY_BENCH_CPU_PROFILE']
  const flags = profile === undefined ? nodeArgs : [...nodeArgs, '--cpu-prof', `--cpu-prof-dir=${profile}`]
  // Logs are written as they are in use: a line when a request comes, and one when it is answered.
  const folder = await mkdtemp(join(tmpdir(), 'keploy-bench-platform-'))
  const log = await open(join(folder, 'log'), 'w')
  const started = performance.now()
  const child = spawn(process.execPath, [...flags, COMMAND, '--port', '0', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', log.fd],
  })
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The platform ended with ${String(code)} before it was ready. Is it built (pnpm build)?`)
    }),
  ])) as [string]
  const startMs = performance.now() - started
  return {
    port: Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]),
    startMs,
    processorMs: () => processorMs(child),
    peakMemory: () => peakMemory(child),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      await log.close()
      await showProblems(folder)
      await rm(folder, { recursive: true })
    },
  }
}

/** Ticks of a hundredth of a second, in user and in system mode: fields 14 and 15 of proc(5). */
async function processorMs({ pid }: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function peakMemory({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
}

/** What a run should not have: it is shown, because it explains figures. */
async function showProblems(folder: string): Promise<void> {
  const lines = (await readFile(join(folder, 'log'), 'utf8')).split('\n')
  const problems = lines.filter((line) => /^\{"level":[456]0/.test(line))
  if (problems.length > 0)
    console.error(`The platform logged ${problems.length} problems, the first of them: ${problems[0]}`)
}
