import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import { defaults } from '../defaults.ts'
import { RunnerError } from '../errors.ts'
import { OutputRing } from './output-ring.ts'
import { groupAlive, signalGroup } from './process-group.ts'
import type { Service, ServiceExit, ServiceOptions } from './service.ts'

/** A process in a group of its own, with the end of its output kept. */
export class ServiceProcess implements Service {
  readonly pid: number
  readonly command: string
  readonly exited: Promise<ServiceExit>
  exit: ServiceExit | undefined
  stopping = false
  readonly #graceMs: number
  readonly #output: OutputRing
  readonly #whenGone: () => void
  readonly #beforeStop: (() => Promise<void>) | undefined
  #stopped: Promise<ServiceExit> | undefined

  private constructor(child: ChildProcess, options: ServiceOptions) {
    this.pid = child.pid ?? 0
    this.command = commandText(options.command)
    this.#beforeStop = options.beforeStop
    this.#graceMs = options.stopGraceMs ?? defaults.stopGraceMs
    this.#output = new OutputRing(options.outputLimit ?? defaults.outputLimit)
    this.#capture(child, 'stdout', options)
    this.#capture(child, 'stderr', options)

    // Nothing that we started may outlive us, not even when this process ends without stopping it.
    const killLeftOvers = () => void signalGroup(this.pid, 'SIGKILL')
    process.once('exit', killLeftOvers)
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const exit = { code, signal }
        this.exit = exit
        // What it printed last may still be in the pipe; a child that inherited the pipe must not make us wait for it.
        const timer = setTimeout(resolve, defaults.lastOutputMs, exit)
        child.once('close', () => {
          clearTimeout(timer)
          resolve(exit)
        })
      })
    })
    this.#whenGone = () => void process.removeListener('exit', killLeftOvers)
  }

  /** Starts the process; resolves when the system has taken it. */
  static async spawn(options: ServiceOptions): Promise<ServiceProcess> {
    const [program = '', ...args] = typeof options.command === 'string' ? [options.command] : options.command
    if (program.trim() === '') {
      throw new RunnerError('KEPLOY_COMMAND_NOT_FOUND', 'The command that starts the service is empty. Name one.')
    }
    const child = spawn(program, args, {
      shell: typeof options.command === 'string',
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    // Listeners stand before the first turn of the event loop: a short-lived process may be gone after it.
    const service = new ServiceProcess(child, options)
    const started = once(child, 'spawn')
    try {
      await started
    } catch (error) {
      service.#whenGone()
      throw spawnError(error as NodeJS.ErrnoException, program, options.cwd)
    }
    // Later errors (a signal that could not be sent) are not ours to crash on.
    child.on('error', () => undefined)
    return service
  }

  get alive(): boolean {
    // A launcher that ended well and left its children running is a service that put itself in the background.
    return this.exit === undefined || (this.exit.code === 0 && groupAlive(this.pid))
  }

  get outputBytes(): number {
    return this.#output.total
  }

  output(lines: number = defaults.outputLines): string {
    return this.#output.lines(lines)
  }

  stop(): Promise<ServiceExit> {
    this.stopping = true
    this.#stopped ??= this.#stopGroup()
    return this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stopGroup(): Promise<ServiceExit> {
    try {
      await this.#beforeStop?.()
      if (this.exit === undefined) {
        signalGroup(this.pid, 'SIGTERM')
        await Promise.race([this.exited, delay(this.#graceMs, undefined, { ref: false })])
      }
      if (this.exit === undefined) signalGroup(this.pid, 'SIGKILL')
      const exit = await this.exited
      await this.#clearGroup()
      return exit
    } finally {
      this.#whenGone()
    }
  }

  /** Children that outlive the service get a moment to follow it. */
  async #clearGroup(): Promise<void> {
    if (!groupAlive(this.pid)) return
    signalGroup(this.pid, 'SIGTERM')
    const deadline = performance.now() + Math.min(defaults.groupGraceMs, this.#graceMs)
    while (groupAlive(this.pid) && performance.now() < deadline) await delay(5)
    signalGroup(this.pid, 'SIGKILL')
  }

  #capture(child: ChildProcess, name: 'stdout' | 'stderr', options: ServiceOptions): void {
    const stream = child[name]
    if (stream === null) return
    stream.on('error', () => undefined)
    const redacted = options.redactor?.stream(`service ${name}`)
    if (redacted === undefined) {
      stream.on('data', (chunk: Buffer) => this.#output.push(chunk))
      return
    }
    stream.on('data', (chunk: Buffer) => this.#output.push(redacted.push(chunk)))
    stream.once('close', () => this.#output.push(redacted.flush()))
  }
}

/** A command as a person would type it. */
export function commandText(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.join(' ')
}

function spawnError(error: NodeJS.ErrnoException, program: string, cwd: string | undefined): RunnerError {
  const where = cwd === undefined ? '' : ` in ${cwd}`
  return new RunnerError(
    'KEPLOY_COMMAND_NOT_FOUND',
    error.code === 'EACCES'
      ? `The command \`${program}\` may not be executed${where}. Give it the right to (\`chmod +x\`), or call it through its interpreter.`
      : `The command \`${program}\` could not be started${where} (${error.code ?? error.message}). Check its spelling, the folder, and that it is installed and on PATH.`,
    { cause: error },
  )
}
