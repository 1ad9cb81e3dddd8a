import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import type { ResolvedConfig } from '@keploy-framework/config'
import {
  composeEnvironment,
  composePort,
  composeService,
  CONTAINER_HOST,
  publishedPort,
  readContainerCommand,
  splitWords,
  type ComposeCommand,
  type OpenDependenciesOptions,
  type PlanRelaysOptions,
  type RunCommand,
} from '@keploy-framework/intercept'
import type { ContainerOptions } from '@keploy-framework/runner'

import { CliError } from '../cli/cli-error.ts'
import { composeProgram } from './compose-program.ts'
import { containerLookup } from './container-lookup.ts'
import { hostAddress } from './host-address.ts'
import { launchCompose, launchRun } from './launch.ts'

/** How long a connection to a published port has to last until the service in the container counts as listening. */
export const HELD_MS = 200

export interface ContainerInput {
  readonly config: ResolvedConfig
  /** The command that starts the service, if any. */
  readonly command: string | readonly string[] | undefined
  /** `--compose`. */
  readonly compose: string | undefined
  /** `--service`. */
  readonly service: string | undefined
  readonly cwd: string
  /** Whether dependencies are answered from a recording: those of the compose file are then not started. */
  readonly replay: boolean
  /** Whether what the service depends on starts as new containers, too. Default: false. */
  readonly recreate?: boolean
  /** Whether the command is to end with the exit code of the service. Default: false. */
  readonly exitCode?: boolean
}

/** A service in a container, decided but not started. */
export interface Container extends ContainerOptions {
  /** Where its settings are found; the environment of this process is not the container's. */
  readonly discover: Pick<PlanRelaysOptions, 'env' | 'envFiles'>
  /** The port of this machine that leads to the service, as far as the command or the file says. */
  readonly port?: number
  /** What is started, for people. */
  readonly command: readonly string[]
}

/**
 * Decides whether the service runs in a container, and how it is led to its relays: with `--compose`, or because the command
 * is `docker run`, `docker compose up` or the like. Nothing otherwise.
 */
export async function planContainer(input: ContainerInput): Promise<Container | undefined> {
  const words = typeof input.command === 'string' ? splitWords(input.command) : input.command
  const read = words === undefined ? undefined : readContainerCommand(words)
  if (read === undefined && input.compose === undefined) return undefined
  if (read?.detached === true) {
    throw new CliError('KEPLOY_USAGE', 'The command puts the container into the background.', {
      hint: 'Leave -d (--detach, --wait) out: the container is then stopped at the end.',
    })
  }
  if (read?.kind === 'run') {
    if (input.compose !== undefined) throw twoWays('docker run')
    return await planRun(read, input)
  }
  if (read === undefined && input.command !== undefined && input.command.length > 0) throw twoWays('this command')
  return await planCompose(read, input)
}

/** Where relays listen for a container, as `openDependencies` takes it. */
export function relayOptions({
  discover,
  host,
  reachedAs,
  lookup,
}: Container): Pick<OpenDependenciesOptions, 'env' | 'envFiles' | 'host' | 'reachedAs' | 'lookup' | 'shared'> {
  return { env: discover.env, envFiles: discover.envFiles ?? [], host, reachedAs, lookup, shared: true }
}

/** The hook speaks with this process over a pipe of this machine, which no container reaches. */
export function refuseHook(hook: boolean | undefined): void {
  if (hook !== true) return
  throw new CliError('KEPLOY_USAGE', '--hook does not reach a service in a container.', {
    hint: 'Leave --hook out: relays are used.',
  })
}

function twoWays(command: string): CliError {
  return new CliError('KEPLOY_USAGE', `--compose and ${command} do not go together.`, {
    hint: 'Give --compose FILE --service NAME alone, or with a command such as docker compose up NAME.',
  })
}

async function planRun(command: RunCommand, { config, cwd }: ContainerInput): Promise<Container> {
  const { containerName, networkName } = config.container
  const files = command.envFiles.map((name) => ({ name, text: readText(resolve(cwd, name), name) }))
  const env: Record<string, string> = {}
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined) Object.defineProperty(env, name, { value, enumerable: true, configurable: true })
  }
  // Docker takes the lines of such a file as they are, and a name alone from its own environment.
  for (const line of [...files.flatMap(({ text }) => text.split(/\r?\n/)), ...command.variables]) {
    const text = line.trimStart()
    if (text === '' || text.startsWith('#')) continue
    const equals = text.indexOf('=')
    if (equals === -1) set(text, process.env[text])
    else set(text.slice(0, equals), text.slice(equals + 1))
  }
  const port = command.published.map(publishedPort).find((found) => found !== undefined)
  const settings = {
    ...(containerName !== '' && { name: containerName }),
    ...(networkName !== '' && { network: networkName }),
  }
  return {
    ...(await reached(undefined)),
    discover: { env, envFiles: [] },
    command: [...command.before, ...command.image],
    ...(port !== undefined && { port }),
    launch: async (variables, folder) => launchRun(command, variables, folder, settings),
  }
}

async function planCompose(command: ComposeCommand | undefined, input: ContainerInput): Promise<Container> {
  const { config, cwd, replay } = input
  const { containerName, networkName } = config.container
  const written = command?.files ?? []
  const files = written.length > 0 ? written : [input.compose ?? defaultFile(cwd)]
  // The one that describes the service: files later in the list usually only change what others describe.
  const named = input.service ?? (containerName || command?.services[0])
  const texts = files.map((name) => ({ name, text: readText(resolve(cwd, name), name) }))
  const described = texts.find(({ text }) => composeService(text, named) !== undefined)
  const service = described && composeService(described.text, named)
  if (described === undefined || service === undefined) {
    throw new CliError(
      'KEPLOY_CONTAINER',
      named === undefined
        ? `${files.join(', ')} has several services, and none is chosen.`
        : `${files.join(', ')} has no service ${JSON.stringify(named)}.`,
      { hint: 'Name it with --service, as it is called under "services:".' },
    )
  }
  const folder = dirname(resolve(cwd, files[0] ?? ''))
  const dotenv = composeEnvironment('services: { x: { env_file: .env } }', 'x', {}, (name) => text(join(folder, name)))
  const env = { ...dotenv, ...process.env }
  const readEnvFile = (name: string): string | undefined => text(resolve(folder, name))
  const port = composePort(described.text, service, env)
  const program = await composeProgram(command?.program)
  return {
    ...(await reached(folder)),
    discover: { env: composeEnvironment(described.text, service, env, readEnvFile), envFiles: [] },
    // For people; what is started comes of `launch`.
    command: [...program, ...files.flatMap((name) => ['-f', name]), command?.action ?? 'up', service],
    ...(port !== undefined && { port }),
    launch: async (variables, certificates) =>
      await launchCompose({
        program,
        files,
        service,
        cwd,
        project: folder,
        // Without relays the service needs what it depends on.
        replay: replay && certificates !== undefined,
        variables,
        composeFile: described.text,
        ...(command !== undefined && { action: command.action, rest: command.rest, services: command.services }),
        ...(input.recreate !== undefined && { recreate: input.recreate }),
        ...(input.exitCode !== undefined && { exitCode: input.exitCode }),
        ...(certificates !== undefined && { folder: certificates }),
        ...(networkName !== '' && { network: networkName }),
      }),
  }
}

async function reached(project: string | undefined): Promise<Pick<Container, 'host' | 'reachedAs' | 'lookup'>> {
  const host = await hostAddress()
  return { host, reachedAs: CONTAINER_HOST, lookup: containerLookup(host, project) }
}

/** What `docker compose` takes when no file is named. */
function defaultFile(cwd: string): string {
  const names = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
  return names.find((name) => text(resolve(cwd, name)) !== undefined) ?? 'compose.yaml'
}

function readText(file: string, shown: string): string {
  const found = text(file)
  if (found !== undefined) return found
  throw new CliError('KEPLOY_CONTAINER', `The file ${shown} cannot be read.`, {
    hint: 'Check its path and its rights.',
  })
}

function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
