import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

import { OUTPUT_BYTES, STOP_GRACE_MS } from '../defaults.ts'

/** What to start. */
export interface ChildOptions {
  /** A list is a program and its arguments; a text is given to the shell. */
  readonly command: string | readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** How a process ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly timedOut: boolean
  /** Why it could not be started. */
  readonly problem?: string
  /** The end of what it printed. */
  readonly output: string
}

const alive = new Set<ChildProcess>()
// However we end: nothing that was started is left.
process.on('exit', () => {
  for (const child of alive) signalGroup(child, 'SIGKILL')
})

/** Runs a process in a group of its own to its end. What it started and left behind is ended too. */
export async function runChild(options: ChildOptions): Promise<ChildEnd> {
  const { command, cwd, env, timeoutMs, signal } = options
  const [program = '', ...args] = typeof command === 'string' ? [command] : command
  let output = Buffer.alloc(0)
  let timedOut = false
  if (signal.aborted) return { code: null, signal: 'SIGTERM', timedOut, output: '' }
  const child = spawn(program, args, {
    cwd,
    env,
    shell: typeof command === 'string',
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  alive.add(child)
  const keep = (chunk: Buffer): void => {
    output = Buffer.concat([output, chunk])
    if (output.length > OUTPUT_BYTES) output = output.subarray(output.length - OUTPUT_BYTES)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let kill: NodeJS.Timeout | undefined
  const stop = (): void => {
    signalGroup(child, 'SIGTERM')
    kill ??= setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_GRACE_MS)
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const end = await new Promise<Pick<ChildEnd, 'code' | 'signal' | 'problem'>>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, problem: error.message }))
      child.once('exit', (code, by) => resolve({ code, signal: by }))
    })
    await drained(child)
    return { ...end, timedOut, output: output.toString('utf8') }
  } finally {
    clearTimeout(timer)
    clearTimeout(kill)
    signal.removeEventListener('abort', stop)
    signalGroup(child, 'SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
    alive.delete(child)
  }
}

/** What was printed before the end is read; pipes that something left behind holds open are not waited for. */
async function drained(child: ChildProcess): Promise<void> {
  const pipes = [child.stdout, child.stderr].filter((pipe) => pipe !== null && !pipe.readableEnded && !pipe.destroyed)
  signalGroup(child, 'SIGTERM')
  const all = Promise.all(pipes.map(async (pipe) => await new Promise<void>((resolve) => pipe?.once('close', resolve))))
  let timer: NodeJS.Timeout | undefined
  await Promise.race([all, new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_GRACE_MS)))])
  clearTimeout(timer)
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  const { pid } = child
  if (pid === undefined) return
  if (process.platform === 'win32') {
    if (child.exitCode === null) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' })
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone, which is what was wanted.
  }
}
