import { CliError } from '../../cli/cli-error.ts'

/** Where clients talk to, and where the service listens. */
export interface Topology {
  readonly tapPort: number
  readonly servicePort: number
  /** True when the service gets its port from us, through `PORT`. */
  readonly assigned: boolean
}

export interface TopologyInput {
  readonly port?: number
  readonly listen?: number
  /** Whether the service is started here. */
  readonly hasCommand: boolean
  readonly defaultPort: number
  /** Asked for when a port has to be chosen. */
  freePort(): Promise<number>
}

/**
 * Decides the two ports of a recording. With a command and no `--listen`, clients keep using `--port` and the service is
 * moved to another one; otherwise the service keeps its port and clients use the port of the tap.
 */
export async function resolveTopology(input: TopologyInput): Promise<Topology> {
  const port = input.port ?? input.defaultPort
  if (input.listen !== undefined && input.listen === port) {
    throw new CliError('KEPLOY_BAD_OPTION', `--listen and --port are both ${port}.`, {
      hint: 'The service and the recorder need a port each. Leave --listen out, or choose another port for it.',
    })
  }
  if (input.listen !== undefined) return { tapPort: input.listen, servicePort: port, assigned: false }
  if (input.hasCommand) return { tapPort: port, servicePort: await input.freePort(), assigned: true }
  return { tapPort: await input.freePort(), servicePort: port, assigned: false }
}
