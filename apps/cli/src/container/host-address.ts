import { once } from 'node:events'
import { createServer } from 'node:net'

import { bridgeAddress } from '@keploy-framework/intercept'

import { runQuietly } from './run-quietly.ts'

const GATEWAYS = '{{range .IPAM.Config}}{{.Gateway}} {{end}}'

/**
 * The address of this machine that containers reach as `host.docker.internal`: that of Docker's bridge; where there is none
 * (Docker Desktop), 127.0.0.1.
 */
export async function hostAddress(): Promise<string> {
  const seen = bridgeAddress()
  if (seen !== undefined) return seen
  // A bridge that no container uses at the moment is down, and not listed by the system.
  const { stdout } = await runQuietly(['docker', 'network', 'inspect', 'bridge', '-f', GATEWAYS])
  const gateway = stdout.split(/\s+/).find((word) => /^\d+\.\d+\.\d+\.\d+$/.test(word))
  return gateway !== undefined && (await isOurs(gateway)) ? gateway : '127.0.0.1'
}

async function isOurs(address: string): Promise<boolean> {
  const server = createServer().listen(0, address)
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
