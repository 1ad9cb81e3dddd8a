import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const CAN_PIN = cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0

export interface BenchProcessOptions {
  /** The core to stay on; absent lets the system choose. */
  readonly core?: number
  readonly args?: string[]
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** A process of the benchmark. */
export class BenchProcess {
  readonly #child: ChildProcess

  constructor(file: string, options: BenchProcessOptions) {
    const path = fileURLToPath(new URL(file, import.meta.url))
    const args = ['--conditions=@keploy-framework/source', path, ...(options.args ?? [])]
    const pin = CAN_PIN && options.core !== undefined
    const command = pin ? 'taskset' : process.execPath
    const prefix = pin ? ['-c', String(options.core), process.execPath] : []
    const env = { ...process.env, ...options.env }
    this.#child = spawn(command, [...prefix, ...args], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  /** Sends a message, where there is one, and waits for the next answer. */
  async ask<T>(message?: object): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`))
      this.#child.once('exit', onExit)
      this.#child.once('message', (value) => {
        this.#child.off('exit', onExit)
        resolve(value as T)
      })
    })
    if (message !== undefined) this.#child.send(message)
    return answer
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    await exited
  }
}

/** Runs `use` with a process, and stops it whatever happens. */
export async function withProcess<T>(
  file: string,
  options: BenchProcessOptions,
  use: (process: BenchProcess) => Promise<T>,
): Promise<T> {
  const process = new BenchProcess(file, options)
  try {
    return await use(process)
  } finally {
    await process.stop()
  }
}
