import { setTimeout as delay } from 'node:timers/promises'

import { defaults } from '../defaults.ts'
import { RunnerError } from '../errors.ts'
import { exitText } from './exit-text.ts'
import { probe, probePort } from './probe.ts'
import { ServiceProcess } from './service-process.ts'
import type { Service, ServiceOptions } from './service.ts'

/**
 * Starts a service in its own process group and waits until it is ready. What it prints is kept, redacted, up to a
 * limit. If it does not become ready it is stopped, and the error says why: not found, ended, or never ready.
 *
 * @throws RunnerError `KEPLOY_PORT_IN_USE`, `KEPLOY_COMMAND_NOT_FOUND`, `KEPLOY_SERVICE_EXITED` or
 * `KEPLOY_SERVICE_NOT_READY`; the signal's reason when it is interrupted
 * @example
 * await using service = await startService({ command: 'node server.js', port: 8000 })
 * console.log(service.pid)
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const host = options.host ?? defaults.host
  if (options.port !== undefined) await refuseUsedPort(host, options.port)
  options.signal?.throwIfAborted()
  const service = await ServiceProcess.spawn(options)
  try {
    await waitUntilReady(service, host, options)
    return service
  } catch (error) {
    await service.stop()
    throw error
  }
}

async function refuseUsedPort(host: string, port: number): Promise<void> {
  const problem = await probePort({ host, port, timeoutMs: defaults.readiness.attemptTimeoutMs })
  if (problem !== undefined) return
  throw new RunnerError(
    'KEPLOY_PORT_IN_USE',
    `Port ${port} on ${host} is already in use, so the service cannot listen there. ` +
      `Stop what listens on it (perhaps a service left over from a run that was killed), choose another port with --port, or test what already runs there with --url http://${host}:${port}.`,
  )
}

async function waitUntilReady(service: ServiceProcess, host: string, options: ServiceOptions): Promise<void> {
  const readiness = options.readiness ?? {}
  const port = readiness.port ?? options.port
  if (port === undefined) return
  const intervalMs = readiness.intervalMs ?? defaults.readiness.intervalMs
  const attemptTimeoutMs = readiness.attemptTimeoutMs ?? defaults.readiness.attemptTimeoutMs
  const totalTimeoutMs = readiness.totalTimeoutMs ?? defaults.readiness.totalTimeoutMs
  const deadline = performance.now() + totalTimeoutMs
  const target = {
    host,
    port,
    ...(readiness.healthPath === undefined ? {} : { healthPath: readiness.healthPath }),
    ...(readiness.heldMs === undefined ? {} : { heldMs: readiness.heldMs }),
  }

  let problem: string | undefined = 'nothing tried'
  // Short pauses first: most services are up within a few tens of milliseconds, and each test run pays this.
  for (let pause = 5; ; pause = Math.min(pause * 2, intervalMs)) {
    const left = deadline - performance.now()
    if (left <= 0) throw notReady(service, host, port, readiness.healthPath, totalTimeoutMs, problem)
    problem =
      (await readiness.waitsFor?.()) ??
      (await probe({ ...target, timeoutMs: Math.max(1, Math.min(attemptTimeoutMs, left)) }))
    await refuseExited(service)
    options.signal?.throwIfAborted()
    if (problem === undefined) return
    await pauseOrEnd(service, Math.min(pause, left), options.signal)
    await refuseExited(service)
    options.signal?.throwIfAborted()
  }
}

async function pauseOrEnd(service: ServiceProcess, pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (service.exit !== undefined) {
    await delay(pauseMs)
    return
  }
  const timer = new AbortController()
  const signals = signal === undefined ? timer.signal : AbortSignal.any([timer.signal, signal])
  await Promise.race([service.exited, delay(pauseMs, undefined, { signal: signals }).catch(() => undefined)])
  timer.abort()
}

async function refuseExited(service: ServiceProcess): Promise<void> {
  if (service.alive) return
  const exit = await service.exited
  const output = service.output()
  if (exit.code === 127) {
    throw new RunnerError(
      'KEPLOY_COMMAND_NOT_FOUND',
      `The command \`${service.command}\` was not found. Check its spelling, and that it is installed and on PATH.${shown(output)}`,
      { output },
    )
  }
  throw new RunnerError(
    'KEPLOY_SERVICE_EXITED',
    `The service \`${service.command}\` ended before it was ready (${exitText(exit)}). Start it by hand to see why.${shown(output)}`,
    { output },
  )
}

function notReady(
  service: ServiceProcess,
  host: string,
  port: number,
  healthPath: string | undefined,
  totalTimeoutMs: number,
  problem: string | undefined,
): RunnerError {
  const output = service.output()
  const what = healthPath === undefined ? `TCP ${host}:${port}` : `TCP ${host}:${port}, then GET ${healthPath}`
  return new RunnerError(
    'KEPLOY_SERVICE_NOT_READY',
    `The service \`${service.command}\` runs, but was not ready within ${totalTimeoutMs} ms. ` +
      `Probed: ${what}; last result: ${problem ?? 'none'}. ` +
      `Check that it listens on port ${port} (--port), or give it more time (test.healthPollTimeout).${shown(output)}`,
    { output },
  )
}

function shown(output: string): string {
  return output === '' ? ' It printed nothing.' : `\nIts last output:\n${output}`
}
