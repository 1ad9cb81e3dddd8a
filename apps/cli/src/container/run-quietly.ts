import { execFile } from 'node:child_process'

export interface Quiet {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; one that is missing ends with 127. */
export function runQuietly(command: readonly string[], cwd?: string, timeoutMs = 30_000): Promise<Quiet> {
  const [program = '', ...args] = command
  return new Promise((settle) => {
    execFile(program, args, { timeout: timeoutMs, ...(cwd !== undefined && { cwd }) }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127
      settle({ code, stdout, stderr })
    })
  })
}
