import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { composeOverride, dockerRunArguments, type ComposeCommand, type RunCommand } from '@keploy-framework/intercept'
import type { ContainerOptions } from '@keploy-framework/runner'

import { CliError } from '../cli/cli-error.ts'
import { composeContainers } from './compose-containers.ts'
import { runQuietly } from './run-quietly.ts'

/** How a container is started and ended. */
export type Launched = Awaited<ReturnType<ContainerOptions['launch']>>

/** Docker accepts connections to the port of a container that is created, and not yet started. */
const NOT_UP = 'the container is not up yet'

/** Seconds that a container has to end by itself. */
const GRACE_S = '3'

/** `docker run` with what leads the container to its relays, before the image. */
export function launchRun(
  command: RunCommand,
  variables: Readonly<Record<string, string>>,
  folder: string | undefined,
  settings: { readonly name?: string; readonly network?: string },
): Launched {
  const { args, env } = dockerRunArguments({ variables, ...(folder !== undefined && { folder }) })
  // By its name it can be stopped; signals to the client do not end a container whose process ignores them.
  const name = command.name ?? settings.name ?? `keploy-${randomBytes(6).toString('hex')}`
  const own = [
    ...(command.name === undefined ? ['--name', name] : []),
    ...(command.name === undefined && !command.before.some((word) => /^--(?:rm|restart)\b/.test(word)) ? ['--rm'] : []),
    ...(command.network === undefined && settings.network !== undefined ? ['--network', settings.network] : []),
  ]
  const [engine = 'docker'] = command.before
  return {
    command: [...command.before, ...own, ...args, ...command.image],
    env,
    waitsFor: async () => {
      const { stdout } = await runQuietly([engine, 'inspect', '--type', 'container', '-f', '{{.State.Running}}', name])
      return stdout.trim() === 'true' ? undefined : NOT_UP
    },
    stop: async () => {
      await runQuietly([engine, 'stop', '-t', GRACE_S, name])
    },
  }
}

export interface LaunchComposeInput {
  readonly program: readonly string[]
  readonly files: readonly string[]
  readonly service: string
  readonly cwd: string
  /** The folder of the first file. */
  readonly project: string
  readonly replay: boolean
  /** Whether what the service depends on is made anew, with what is in it. Default: false. */
  readonly recreate?: boolean
  /** Whether the command ends with the exit code of the service. Default: false. */
  readonly exitCode?: boolean
  readonly variables: Readonly<Record<string, string>>
  readonly composeFile: string
  readonly action?: ComposeCommand['action']
  readonly rest?: readonly string[]
  readonly services?: readonly string[]
  readonly folder?: string
  readonly network?: string
}

/**
 * `docker compose up` with a file that leads the service to its relays, in a folder that only this user can read: it holds
 * the variables. A replay does not start what the service depends on. At the end all is stopped that was not running before.
 */
export async function launchCompose(input: LaunchComposeInput): Promise<Launched> {
  const { program, service, cwd, project, replay, variables, composeFile } = input
  const override = composeOverride({
    composeFile,
    service,
    variables,
    ...(input.folder !== undefined && { folder: input.folder }),
    ...(input.network !== undefined && { network: input.network }),
  })
  if ('problem' in override) throw new CliError('KEPLOY_CONTAINER', override.problem, { hint: 'Check --service.' })
  const folder = await mkdtemp(join(tmpdir(), 'keploy-compose-'))
  const file = join(folder, 'override.yaml')
  await writeFile(file, override.yaml, { mode: 0o600 })
  const compose = [...program, ...[...input.files, file].flatMap((name) => ['-f', name])]
  // The service starts as a new container, in each set; what it depends on stays what it is.
  if (input.action !== 'run') await runQuietly([...compose, 'rm', '-s', '-f', service], cwd)
  const before = await composeContainers(project)
  const { action = 'up', rest = [], services = [] } = input
  const options = [
    ...(replay ? ['--no-deps'] : []),
    // The service itself was removed above; with --no-deps nothing else is started.
    ...(action === 'up' && input.recreate === true && !replay
      ? ['--force-recreate', '--always-recreate-deps', '--renew-anon-volumes']
      : []),
    ...(action === 'up' && input.exitCode === true ? ['--exit-code-from', service] : []),
  ].filter((option) => !rest.includes(option))
  const named = action === 'up' && services.length === 0 ? [service] : []
  return {
    command: [...compose, action, ...options, ...rest, ...named],
    env: {},
    waitsFor: async () => ((await composeContainers(project)).has(service) ? undefined : NOT_UP),
    stop: async () => {
      const started = [...(await composeContainers(project)).keys()].filter((name) => !before.has(name))
      const ended = [...new Set([service, ...started])]
      await runQuietly([...compose, 'stop', '-t', GRACE_S, ...ended], cwd)
      await runQuietly([...compose, 'rm', '-f', service], cwd)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
