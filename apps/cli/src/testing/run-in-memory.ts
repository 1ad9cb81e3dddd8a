import { tmpdir } from 'node:os'
import { PassThrough } from 'node:stream'

import { main } from '../main.ts'

export interface InMemoryResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface InMemoryOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** What is typed, when standard input is to be a terminal. */
  readonly typed?: string
  /** Called with all of standard error so far, each time something is written there. */
  readonly onStderr?: (text: string) => void
}

/** Runs a command line in this process and keeps what it prints. */
export async function runInMemory(args: readonly string[], options: InMemoryOptions = {}): Promise<InMemoryResult> {
  const terminal = options.typed !== undefined
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal })
  stdin.end(options.typed)
  const printed = { stdout: '', stderr: '' }
  const stdout = Object.assign(new PassThrough(), { isTTY: terminal, columns: 80 })
  const stderr = new PassThrough()
  stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text
  })
  stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text
    options.onStderr?.(printed.stderr)
  })
  const ended = [stdout, stderr].map((stream) => new Promise((resolve) => stream.once('end', resolve)))
  const io = { stdin, stdout, stderr, env: options.env ?? {}, cwd: options.cwd ?? tmpdir() }
  const code = await main(args, io)
  stdout.end()
  stderr.end()
  await Promise.all(ended)
  return { code, ...printed }
}
