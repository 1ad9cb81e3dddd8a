import type { ResolvedConfig } from '@keploy-framework/config'
import type { Redactor } from '@keploy-framework/redact'
import { executePlan, loadPlan } from '@keploy-framework/runner'
import type { RecordedOutcome, RunRecorded } from '@keploy-framework/suite'

import type { CliIo } from '../../cli/io.ts'
import { freePort } from '../../cli/ports.ts'
import { issueLine } from '../../cli/print-error.ts'
import { dependencyOptions } from '../test/dependency-options.ts'
import { prepareRun } from '../test/prepare-run.ts'
import type { TestOptionValues } from '../test/prepare-run.ts'
import { containerOf } from '../test/test-command.ts'
import { setsOfProject } from './run-projects.ts'

/** What replays of a unified run have in common. */
export interface ReplaySettings {
  readonly config: ResolvedConfig
  readonly io: CliIo
  /** Absolute folder of test sets. */
  readonly sets: string
  readonly redactor: Redactor
  readonly realServices: boolean
  readonly dynamicPorts: boolean
  /** The service is started for each set, whatever `test.keepAppAlive` says, and containers are made anew. */
  readonly forceRecreate: boolean
  readonly failFast: boolean
}

/** Replays recorded sets as `test` does. They share a service and its port, so one part waits for the other. */
export function replaySets(settings: ReplaySettings): RunRecorded {
  let last: Promise<unknown> = Promise.resolve()
  return async (...input) => {
    const run = last.then(async () => await replay(settings, ...input))
    last = run.catch(() => undefined)
    return await run
  }
}

async function replay(settings: ReplaySettings, ...[part, context]: Parameters<RunRecorded>): Promise<RecordedOutcome> {
  const { io, redactor, forceRecreate } = settings
  const { project, files } = part
  const config = forceRecreate
    ? { ...settings.config, test: { ...settings.config.test, keepAppAlive: false } }
    : settings.config
  const options: TestOptionValues = {
    dir: setsOfProject(config, project, settings.sets),
    ...(project.service !== '' && { service: project.service }),
    'test-sets': files.map(({ path }) => path),
    ...(project.command !== '' && { command: project.command }),
    ...(settings.realServices && { mocks: 'off' }),
    ...(settings.dynamicPorts && { port: await freePort() }),
  }
  const container = await containerOf(config, options, [], io.cwd, forceRecreate)
  const prepared = prepareRun(config, options, { rest: [], cwd: io.cwd, signal: context.signal, container })
  const { plan, issues } = await loadPlan(prepared.directory, prepared.selection)
  for (const issue of issues) io.stderr.write(`${issueLine(issue)}\n`)
  const dependencies = await dependencyOptions(config, options, prepared, plan, io, container)
  const { service } = prepared.run
  // What belongs to a service runs in its folder.
  const cwd = project.service === '' ? project.directory : service?.cwd
  const own = service && { ...service, ...(cwd !== undefined && { cwd }), env: { ...service.env, ...project.env } }
  const result = await executePlan(
    plan,
    {
      ...prepared.run,
      ...(own && { service: own }),
      failFast: settings.failFast || config.test.failFast,
      runTimeoutMs: project.timeoutMs,
      redactor,
      ...(dependencies && { dependencies }),
    },
    (event) => {
      if (event.type === 'notice') context.notice(event)
    },
  )
  const tests = result.sets.flatMap((set) => set.tests)
  const problem =
    result.status === 'passed' || result.status === 'interrupted'
      ? undefined
      : result.status === 'timed-out'
        ? `"${project.name}" did not end within ${project.timeoutMs / 1000} s.`
        : `The replay of "${project.name}" failed, though none of its tests did; the notices say why.`
  return { tests, mocks: result.mocks, ...(problem !== undefined && { problem }) }
}
