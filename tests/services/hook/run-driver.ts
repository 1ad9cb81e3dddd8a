import { spawn } from 'node:child_process'
import path from 'node:path'

const folder = import.meta.dirname

/** What a driver printed, and what Node counted on its connections. */
export interface DriverRun {
  readonly output: string
  readonly errors: string
  readonly code: number | null
  readonly counted?: { readonly written: number; readonly read: number }
}

/** Runs a driver script with a Node of choice, hooked or not. */
export function runDriver(
  node: string,
  file: string,
  env: Record<string, string>,
  hook: { NODE_OPTIONS?: string; KEPLOY_HOOK?: string } = {},
): Promise<DriverRun> {
  const count = `--require "${path.join(folder, 'count-bytes.cjs')}"`
  return new Promise((resolve, reject) => {
    const child = spawn(node, [path.join(folder, file)], {
      env: {
        PATH: process.env['PATH'],
        COUNT_BYTES: '1',
        NODE_NO_WARNINGS: '1',
        ...env,
        ...hook,
        NODE_OPTIONS: `${hook.NODE_OPTIONS ?? ''} ${count}`.trim(),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 40_000,
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.on('error', reject)
    child.on('close', (code) => {
      const counted = /counted (\d+) (\d+)/.exec(errors)
      resolve({
        output,
        errors,
        code,
        ...(counted !== null && { counted: { written: Number(counted[1]), read: Number(counted[2]) } }),
      })
    })
  })
}
