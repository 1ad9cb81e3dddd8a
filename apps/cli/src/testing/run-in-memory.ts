import { tmpdir } from 'node:os'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'

import { main } from '../main.ts'

export interface InMemoryResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process and keeps what it prints; standard input is no terminal. */
export async function runInMemory(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<InMemoryResult> {
  const stdin = new PassThrough()
  stdin.end()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed = Promise.all([text(stdout), text(stderr)])
  const io = { stdin, stdout, stderr, env: options.env ?? {}, cwd: options.cwd ?? tmpdir() }
  const code = await main(args, io)
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, stdout: out, stderr: err }
}
