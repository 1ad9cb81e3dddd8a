import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** Where keploy.yml and the sets are. */
export const root = path.join(import.meta.dirname, '../..')
const cli = path.join(import.meta.dirname, 'cli.mjs')

/** Starts keploy-framework from its sources, in the folder of the platform; `env` says where its dependencies are. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const node = ['--conditions=@keploy-framework/source', '--no-warnings']
  const child = spawn(process.execPath, [...node, cli, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, ended }
}

/** Runs it to its end, with its output on ours. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const { child, ended } = startCli(args, env)
  child.stdout.pipe(process.stdout)
  child.stderr.pipe(process.stderr)
  return await ended
}
