import type { ResolvedConfig } from '@keploy-framework/config'
import type { Redactor } from '@keploy-framework/redact'
import { RunnerError, startService } from '@keploy-framework/runner'
import type { Service } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { exitCode } from '../../cli/exit-code.ts'
import { portIsTaken } from '../../cli/ports.ts'
import type { Launched } from '../../container/launch.ts'
import { HELD_MS } from '../../container/plan-container.ts'
import type { Topology } from './topology.ts'

export interface StartServiceInput {
  readonly command: string | readonly string[]
  readonly topology: Topology
  readonly config: ResolvedConfig
  readonly cwd: string
  readonly redactor: Redactor
  readonly signal: AbortSignal
  /** Variables that lead the service to its relays. */
  readonly env?: Readonly<Record<string, string>>
  /** Starts a container in place of the command. */
  readonly launched?: Launched | undefined
}

/** Refuses a port that is taken where clients should reach the recorder, and says which way out fits the topology. */
export async function assertTapPortFree(topology: Topology, host: string): Promise<void> {
  if (await portIsTaken(topology.tapPort, host)) {
    throw new CliError(
      'KEPLOY_TAP_PORT_TAKEN',
      `Something listens on port ${topology.tapPort} already, where clients should reach the recorder.`,
      {
        exitCode: exitCode.service,
        hint: topology.assigned
          ? 'Stop it, choose another port with --port, or leave the command out to record the service that runs there.'
          : 'Stop it, or choose another port with --listen.',
      },
    )
  }
}

/**
 * Starts the service behind the tap. When it does not come up where it was told to, or finds its port taken by the tap, it
 * has most likely ignored `PORT`, and that is what the error says.
 */
export async function startBehindTap(input: StartServiceInput): Promise<Service> {
  const { topology, config, launched } = input
  try {
    return await startService({
      command: launched?.command ?? input.command,
      cwd: input.cwd,
      env: launched?.env ?? { ...input.env, PORT: String(topology.servicePort) },
      ...(launched && { beforeStop: () => launched.stop() }),
      port: topology.servicePort,
      readiness: {
        port: topology.servicePort,
        totalTimeoutMs: config.test.healthPollTimeoutMs + (launched ? config.container.buildDelayMs : 0),
        ...(launched && { heldMs: HELD_MS, waitsFor: () => launched.waitsFor() }),
        ...(config.test.healthPath ? { healthPath: config.test.healthPath } : {}),
      },
      redactor: input.redactor,
      signal: input.signal,
    })
  } catch (error) {
    if (error instanceof RunnerError && topology.assigned && ignoredPort(error)) {
      throw new CliError('KEPLOY_PORT_IGNORED', error.message, {
        exitCode: exitCode.service,
        cause: error,
        hint: `The service was told to listen on PORT=${topology.servicePort}. If it ignores PORT, let it keep its own port and give clients another: --port ${topology.tapPort} --listen ${topology.tapPort + 1}`,
      })
    }
    throw error
  }
}

function ignoredPort({ code, output, message }: RunnerError): boolean {
  if (code === 'KEPLOY_SERVICE_NOT_READY') return true
  return code === 'KEPLOY_SERVICE_EXITED' && /EADDRINUSE|address already in use/i.test(`${output ?? ''}${message}`)
}
