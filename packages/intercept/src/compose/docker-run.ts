import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'

import { CONTAINER_HOST } from './compose-override.ts'

export interface DockerRunOptions {
  readonly variables: Readonly<Record<string, string>>
  /** Default: `host-gateway`. */
  readonly hostGateway?: string
  /** A folder of this machine that the container needs to read, under the same path. */
  readonly folder?: string
}

/**
 * What to put between `docker run` and the image, and the environment to start `docker` with. Values are handed over by
 * name, so that none of them shows in the list of processes.
 *
 * @example
 * dockerRunArguments({ variables: { PGHOST: 'host.docker.internal' } }).args
 * // ['--add-host', 'host.docker.internal:host-gateway', '--env', 'PGHOST']
 */
export function dockerRunArguments({ variables, hostGateway = 'host-gateway', folder }: DockerRunOptions): {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
} {
  const mount = folder === undefined ? [] : ['--mount', `type=bind,"source=${folder}","target=${folder}",readonly`]
  const names = Object.keys(variables).flatMap((name) => ['--env', name])
  return { args: ['--add-host', `${CONTAINER_HOST}:${hostGateway}`, ...mount, ...names], env: variables }
}

/**
 * Where relays have to listen for containers to reach them: the address of Docker's bridge on Linux. Nothing where there is
 * no bridge, as with Docker Desktop, which leads `host.docker.internal` to 127.0.0.1 of this machine.
 *
 * @example
 * const host = bridgeAddress() ?? '127.0.0.1' // '172.17.0.1'
 */
export function bridgeAddress(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): string | undefined {
  return interfaces['docker0']?.find(({ family }) => family === 'IPv4')?.address
}
