import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { RunResult, TestResult } from '@keploy-framework/format'
import { expect } from 'vitest'

import { freePort } from '../e2e/support/free-port.ts'
import { runCli, startCli } from '../e2e/support/run-cli.ts'

/** The command file of a published package: what npm would link in `.bin`. */
export function binOf(packageName: string, bin: string): string {
  return fileURLToPath(new URL(`node_modules/${packageName}/${bin}`, import.meta.url))
}

export interface RealService {
  /** Where the command runs: `keploy.yml`, recordings and the service's own data lie there. */
  folder: string
  /** The command that starts the service on a port. */
  command: (port: number) => string[]
  env?: Record<string, string>
}

/** Records what a client does, through the built command. The tap listens on a port of its own: no service here reads PORT. */
export async function recordService(
  service: RealService,
  client: (url: string) => Promise<void>,
  args: string[] = [],
): Promise<{ stdout: string; stderr: string; host: string }> {
  const [port, listen] = [await freePort(), await freePort()]
  const where = ['--port', String(port), '--listen', String(listen)]
  await using recorder = startCli(['record', ...where, ...args, '--', ...service.command(port)], {
    cwd: service.folder,
    ...(service.env === undefined ? {} : { env: service.env }),
  })
  await recorder.waitFor('Recording')
  await client(`http://127.0.0.1:${listen}`)
  recorder.child.kill('SIGINT')
  const { code, stdout, stderr } = await recorder.done
  expect(code, stdout + stderr).toBe(0)
  return { stdout, stderr, host: `127.0.0.1:${listen}` }
}

export interface Replay {
  code: number | null
  report: RunResult
  tests: TestResult[]
  stdout: string
  stderr: string
}

/** Replays what was recorded against the service, started fresh. */
export async function replayService(service: RealService, args: string[] = []): Promise<Replay> {
  const port = await freePort()
  const { code, stdout, stderr } = await runCli(
    ['test', '--port', String(port), '--reporter', 'json', ...args, '--', ...service.command(port)],
    { cwd: service.folder, ...(service.env === undefined ? {} : { env: service.env }) },
  )
  expect(stdout, stderr).toMatch(/^\{/)
  const report = JSON.parse(stdout) as RunResult
  return { code, report, tests: report.sets.flatMap((set) => set.tests), stdout, stderr }
}

/** What did not pass, in a form that says why when an expectation fails. */
export function notPassed({ tests }: Replay): string[] {
  return tests
    .filter(({ status }) => status !== 'passed')
    .map(({ name, status, failures }) => `${name} ${status}: ${failures.map(({ message }) => message).join(' | ')}`)
}

/** Every path of a set at which a difference was let pass because a rule ignores it. */
export function ignoredPaths({ tests }: Replay): string[] {
  return tests.flatMap(({ name, rules }) =>
    rules.filter(({ rule }) => /noise|volatile/.test(rule)).map(({ path }) => `${name} ${path}`),
  )
}

/** Everything that lies below a folder, as one text. */
export async function allText(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n')
}
