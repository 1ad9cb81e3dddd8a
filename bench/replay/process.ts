import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Starts a script of this folder in a process of its own, which reads the packages' sources. */
export function start(file: string, args: readonly string[] = []): ChildProcess {
  const script = fileURLToPath(new URL(file, import.meta.url))
  return spawn(
    process.execPath,
    ['--conditions=@keploy-framework/source', '--disable-warning=ExperimentalWarning', script, ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
}

/** The next message of a process. */
export async function message<T>(child: ChildProcess): Promise<T> {
  const [value] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`A process of the benchmark ended with ${String(code)} before it answered.`)
    }),
  ])) as [T]
  return value
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
