import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { freePort, runCli } from './run-cli.ts'

/** Sends a request to the service, and gives what it answered. */
// oxlint-disable-next-line typescript/no-explicit-any -- JSON of a service that each script knows
export type Send = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>

export interface RecordedService {
  /** The command that starts the service. */
  readonly command: readonly string[]
  /** Variables that lead to the real dependency. */
  readonly env: Readonly<Record<string, string>>
  /** What clients ask while it is recorded. */
  readonly requests: (send: Send) => Promise<void>
  /** Stops the real dependency, before anything is replayed. */
  readonly stop: () => Promise<void>
  /** More of `keploy.yml`, whose `test` is there. */
  readonly config?: string
  /** Options of both commands, `--hook` for example. */
  readonly options?: readonly string[]
}

/** How calls were attributed to requests, as the summary says. */
export interface RecordedCalls {
  readonly mocks: number
  readonly known: number
  readonly certain: number
  readonly ambiguous: number
  readonly none: number
  readonly leftOut: number
}

export interface ReplayFailure {
  readonly kind: string
  readonly path?: string
  readonly message?: string
}

/** What a replay came to: its exit code and its JSON document. */
export interface Verdict {
  readonly code: number | null
  readonly status: string
  readonly summary: { readonly total: number; readonly passed: number; readonly failed: number }
  readonly sets: readonly {
    readonly tests: readonly { readonly name: string; readonly status: string; readonly failures: ReplayFailure[] }[]
  }[]
  readonly mocks: { readonly served: number; readonly missed: number; readonly unused: number }
  /** What went to standard error. */
  readonly log: string
}

export interface Recording extends AsyncDisposable {
  /** Where `keploy/` stands. */
  readonly folder: string
  readonly tests: number
  readonly calls: RecordedCalls
  readonly log: string
  /** Replays the set, with the dependency stopped. */
  replay(options?: {
    readonly env?: Readonly<Record<string, string>>
    readonly args?: readonly string[]
  }): Promise<Verdict>
  /** The same set, its test files written and its mocks standing in the opposite order. */
  copyReversed(): Promise<void>
}

/** Records a service through the command, with its real dependency, and stops that dependency. */
export async function recordService(service: RecordedService): Promise<Recording> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keploy-service-'))
  const { command, config, options = [] } = service
  try {
    // On a busy machine an answer may take longer than the default of five seconds.
    await writeFile(path.join(folder, 'keploy.yml'), `test:\n  apiTimeout: 30\n${config ?? ''}`)
    const port = String(await freePort())
    await using run = runCli(['record', '--port', port, '--json', ...options, '--', ...command], folder, service.env)
    const origin = `http://127.0.0.1:${port}`
    await untilReady(run, 'Recording: send requests')
    await service.requests(async (method, where, body) => {
      const response = await fetch(origin + where, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
    })
    run.interrupt()
    const code = await run.done
    if (code !== 0) throw new Error(`record ended with ${code}: ${run.stderr()}${run.stdout()}`)
    const { tests, calls } = JSON.parse(run.stdout()) as { tests: number; calls: RecordedCalls }
    const log = run.stderr()
    await service.stop()
    return {
      folder,
      tests,
      calls,
      log,
      replay: async ({ env = {}, args = [] } = {}) => {
        const all = [...options, ...args]
        return await replay(folder, command, { ...service.env, ...env }, all)
      },
      copyReversed: async () => await copyReversed(folder),
      async [Symbol.asyncDispose]() {
        if (process.env['KEPLOY_TEST_KEEP'] === undefined) await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** What a verdict comes to: exit code, each test with its status and failures, and the calls; no times. */
export function withoutTimes({ code, status, summary, sets, mocks }: Verdict): unknown {
  const { total, passed, failed } = summary
  const tests = sets.flatMap((set) => set.tests.map((test) => [test.name, test.status, test.failures]))
  return { code, status, total, passed, failed, tests, mocks }
}

async function replay(
  folder: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<Verdict> {
  const port = String(await freePort())
  await using run = runCli(['test', '--port', port, '--reporter', 'json', ...args, '--', ...command], folder, env)
  const code = await run.done
  if (run.stdout() === '') throw new Error(`test ended with ${code}: ${run.stderr()}`)
  return { ...(JSON.parse(run.stdout()) as Verdict), code, log: run.stderr() }
}

async function untilReady(run: ReturnType<typeof runCli>, text: string): Promise<void> {
  let over = false
  void run.done.then(() => (over = true))
  while (!run.stderr().includes(text)) {
    if (over) throw new Error(`record ended before it was ready: ${run.stderr()}${run.stdout()}`)
    await pause(20)
  }
}

/** Folders list files in the order in which they came, on many systems. */
async function copyReversed(folder: string): Promise<void> {
  const sets = path.join(folder, 'keploy')
  const set = (await readdir(sets)).find((name) => name.startsWith('test-set'))
  const from = path.join(sets, set ?? '')
  const to = path.join(folder, 'reversed', set ?? '')
  await mkdir(path.join(to, 'tests'), { recursive: true })
  for (const name of (await readdir(from)).sort().reverse()) {
    if (name !== 'tests') await cp(path.join(from, name), path.join(to, name), { recursive: true })
    if (name === 'mocks.yaml' || name === 'calls.yaml') {
      const documents = (await readFile(path.join(from, name), 'utf8')).split(/^---\n/m)
      const ended = documents.map((text) => (text.endsWith('\n') ? text : `${text}\n`))
      await writeFile(path.join(to, name), ended.reverse().join('---\n'))
    }
  }
  for (const name of (await readdir(path.join(from, 'tests'))).sort().reverse()) {
    await cp(path.join(from, 'tests', name), path.join(to, 'tests', name))
  }
}
