import { setTimeout as delay } from 'node:timers/promises'

import { defaults } from '../defaults.ts'
import { RunnerError } from '../errors.ts'
import { exitText } from './exit-text.ts'
import { ServiceProcess } from './service-process.ts'
import type { OutputRedactor, ServiceExit } from './service.ts'

export interface RunScriptOptions {
  /** What it is, for messages: `beforeSet`. */
  readonly title: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds. Default: 60,000. */
  readonly timeoutMs?: number
  readonly redactor?: OutputRedactor
}

/**
 * Runs a shell command to its end.
 *
 * @throws RunnerError `KEPLOY_SCRIPT_FAILED` when it fails or takes too long
 */
export async function runScript(command: string, options: RunScriptOptions): Promise<void> {
  const { title, timeoutMs = defaults.scriptTimeoutMs, ...rest } = options
  const script = await ServiceProcess.spawn({ command, ...rest })
  const exit = await endOf(script, timeoutMs)
  if (exit?.code === 0) return
  const how = exit === undefined ? `did not end within ${timeoutMs} ms` : `ended with ${exitText(exit)}`
  const output = script.output()
  throw new RunnerError(
    'KEPLOY_SCRIPT_FAILED',
    `The ${title} command \`${command}\` ${how}. Run it by hand to see why.${output === '' ? '' : `\nIts last output:\n${output}`}`,
    { output },
  )
}

/** How a script ended; `undefined` when it had to be stopped. */
async function endOf(script: ServiceProcess, timeoutMs: number): Promise<ServiceExit | undefined> {
  const limit = new AbortController()
  try {
    return await Promise.race([
      script.exited,
      delay(timeoutMs, undefined, { signal: limit.signal }).catch(() => undefined),
    ])
  } finally {
    limit.abort()
    await script.stop()
  }
}
