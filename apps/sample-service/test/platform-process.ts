import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

const sources = new URL('../src/platform-main.ts', import.meta.url).href

/** The command in a process of its own, ready; from the sources, unless a test has bundled them. */
export async function runPlatform(args: string[], env: NodeJS.ProcessEnv, module = sources) {
  const script = `
    const { platformMain } = await import(${JSON.stringify(module)})
    process.exitCode = await platformMain(process.argv.slice(1))
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', '--log-level', 'warn', ...args], {
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const line = (await createInterface(child.stdout)[Symbol.asyncIterator]().next()).value as string | undefined
  if (line === undefined) throw new Error(`The platform ended before it was ready: ${log}`)
  return {
    line,
    url: /http:\/\/\S+/.exec(line)?.[0] ?? '',
    pid: child.pid!,
    log: () => log,
    /** Resolves with the exit code and the signal that ended it. */
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}
