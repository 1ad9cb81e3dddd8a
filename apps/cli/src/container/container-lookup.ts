import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'

import { CONTAINER_HOST } from '@keploy-framework/intercept'

import { composeContainers } from './compose-containers.ts'
import { runQuietly } from './run-quietly.ts'

/** A container that starts again may have another address. */
const KNOWN_MS = 5000
const MAX_KNOWN = 1000
const ADDRESSES = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'

/**
 * Finds servers by the names that containers use: this machine, services of a compose file, other containers, and then all
 * that this machine knows. `host` is this machine, `project` is the folder of a compose file.
 */
export function containerLookup(host: string, project: string | undefined): LookupFunction {
  const known = new Map<string, { readonly at: number; readonly address: Promise<string | undefined> }>()
  const addressOf = async (name: string): Promise<string | undefined> => {
    if (name === CONTAINER_HOST) return host
    const found = known.get(name)
    if (found !== undefined && performance.now() - found.at < KNOWN_MS) return await found.address
    const address = find(name, project)
    if (known.size < MAX_KNOWN) known.set(name, { at: performance.now(), address })
    return await address
  }
  const answer = async (...[name, options, done]: Parameters<LookupFunction>): Promise<void> => {
    const address = await addressOf(name)
    if (address === undefined) systemLookup(name, options, done)
    else if (options.all === true) done(null, [{ address, family: isIP(address) }])
    else done(null, address, isIP(address))
  }
  return (name, options, done) => void answer(name, options, done)
}

async function find(name: string, project: string | undefined): Promise<string | undefined> {
  // Only what may be a name of Docker is asked for; it never stands for an option.
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) return undefined
  const container = project === undefined ? undefined : (await composeContainers(project)).get(name)
  const inspected = await runQuietly(['docker', 'inspect', '--type', 'container', '-f', ADDRESSES, container ?? name])
  if (inspected.code !== 0) return undefined
  return inspected.stdout.split(/\s+/).find((word) => isIP(word) !== 0)
}
