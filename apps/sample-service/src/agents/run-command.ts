import { spawn, type ChildProcess } from 'node:child_process'

import { AgentFailure } from './agent.ts'

export interface CommandOptions {
  /** The program and its arguments, as they are: no shell reads them. */
  command: readonly string[]
  /** Goes to standard input. */
  input: string
  /** The whole environment of the program. */
  env: NodeJS.ProcessEnv
  cwd: string
  /** More on standard output ends the program. */
  maxOutputBytes: number
  /** Ends the program, and what it started. */
  signal: AbortSignal
}

/** What is kept of standard error, for the message of a failure. */
const ERROR_TEXT_BYTES = 2_000

/**
 * Runs a program with a text on its standard input, and resolves with its standard output.
 *
 * @throws AgentFailure when it cannot be started, fails, says too much or is ended by the signal
 */
export async function runCommand(options: CommandOptions): Promise<string> {
  const { command, input, env, cwd, maxOutputBytes, signal } = options
  const [file = '', ...args] = command
  if (signal.aborted) throw new AgentFailure(`${file} was not started: there is no time left.`)
  // A group of its own, so that what it starts ends with it.
  const child = spawn(file, args, { shell: false, detached: true, env, cwd, stdio: 'pipe' })
  const output: Buffer[] = []
  let size = 0
  let complaint = ''
  let ended: string | undefined
  const end = (why: string): void => {
    ended ??= why
    endGroup(child)
  }
  const onAbort = (): void => end('took too long')
  signal.addEventListener('abort', onAbort, { once: true })

  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > maxOutputBytes) return end(`wrote more than ${maxOutputBytes} bytes`)
    output.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-ERROR_TEXT_BYTES)
  })
  // A program need not read what it is told.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  try {
    const code = await exitOf(child)
    if (ended !== undefined) throw new AgentFailure(`${file} ${ended}.`)
    if (code !== 0) throw new AgentFailure(`${file} ended with ${code}: ${complaint.trim() || 'no message'}`)
    return Buffer.concat(output).toString()
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves when the program has ended and its output is read. */
function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new AgentFailure(`${child.spawnfile} cannot be run.`, { cause: error })))
    // Something that it left behind would keep its output open.
    child.once('exit', () => endGroup(child))
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no code'))
  })
}

/** Without asking first: a program that answers too late has nothing to save. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group has ended, or this system has none.
    child.kill('SIGKILL')
  }
}
